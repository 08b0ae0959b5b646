"""The studio's own figures and log lines, for whoever runs it."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.conf import settings as all_settings
from django.test import Client

from runs.access import Actor
from runs.actions import logs, metrics
from runs.actions.metrics import Row
from runs.models import User
from studio import log_lines
from tests.conftest import MakeRun

TOKEN = "scraper-token"


def test_without_the_setting_there_is_no_such_page(client: Client, db: None) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", TOKEN])
def test_nobody_reads_them_without_the_token(
    client: Client, settings: LazySettings, shown: str, db: None
) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"Authorization": shown})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_they_tell_runs_by_status_and_what_came_in(
    settings: LazySettings, client: Client, make_run: MakeRun, alice: User
) -> None:
    settings.METRICS_TOKEN = TOKEN
    run, by = make_run(display_name="measured"), Actor.of_user(alice)
    before = read(client)
    metrics.append(run, by=by, session="s", sequence=0, rows=[Row("loss", 0.5), Row("loss", 0.4)])
    logs.append(run, by=by, path="logs/a.txt", session="s", sequence=0, data=b"12345")
    after = read(client)
    assert after["studio_metric_points_total"] - before.get("studio_metric_points_total", 0) == 2
    assert after["studio_log_bytes_total"] - before.get("studio_log_bytes_total", 0) == 5
    assert after[f'studio_runs{{status="{run.status}"}}'] == 1
    assert after['studio_runs{status="Failed"}'] == 0
    assert after["studio_disk_free_bytes"] > 0


def test_requests_are_counted_by_route_and_never_by_address(
    settings: LazySettings, client: Client, db: None
) -> None:
    settings.METRICS_TOKEN = TOKEN
    client.get("/w/a-workspace-that-nobody-has/runs/")
    client.get("/no/such/address")
    assert read(client)
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert 'route="w/<str:ws>/runs/"' in text
    assert 'route="nowhere",status="404"' in text
    assert "nobody-has" not in text


def test_each_answer_carries_the_id_that_its_log_lines_do(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="studio.access"):
        given = client.get("/healthz", headers={"X-Request-Id": "proxy-gave-this-1"})
        made = client.get("/healthz", headers={"X-Request-Id": "no id\x1b[31m of ours"})
    assert given["X-Request-Id"] == "proxy-gave-this-1"
    assert re.fullmatch("[0-9a-f]{16}", made["X-Request-Id"])
    assert [each.getMessage() for each in caplog.records] == ["GET /healthz: 200"] * 2


@pytest.mark.parametrize("kind", [log_lines.TextLines, log_lines.JsonLines])
def test_what_a_caller_sends_stays_in_its_line(kind: type[logging.Formatter]) -> None:
    hostile = "/a\r\nERROR forged\x1b[2J\u2028" + "stu_" + "k" * 43 + "x" * 9_000
    record = logging.LogRecord("a", logging.WARNING, "f", 1, "%s", (hostile,), None)
    line = kind().format(record)
    assert line.isprintable()
    assert len(line) < 3_000
    assert "kkkk" not in line
    assert "stu_" in line


def test_a_json_line_says_what_is_known() -> None:
    record = logging.LogRecord("a.b", logging.INFO, "f", 1, "done in %d", (3,), None)
    record.route, record.ms = "w/<str:ws>/runs/", 1.5
    token = log_lines.request_id.set("of-this-request")
    try:
        told = json.loads(log_lines.JsonLines().format(record))
    finally:
        log_lines.request_id.reset(token)
    assert told.pop("time").endswith("Z")
    assert told == {
        **{"level": "INFO", "logger": "a.b", "message": "done in 3"},
        **{"requestId": "of-this-request", "route": "w/<str:ws>/runs/", "ms": 1.5},
    }


def read(client: Client) -> dict[str, float]:
    Path(all_settings.DATA_DIR).mkdir(exist_ok=True)
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    lines = [each for each in answer.content.decode().splitlines() if not each.startswith("#")]
    return {name: float(number) for name, _, number in (each.rpartition(" ") for each in lines)}
