"""A studio on PostgreSQL: backup while it is in use, restore into another database, alerts."""

from __future__ import annotations

import json
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.studio_process import StudioProcess, wait_for
from tests.benchmarks import postgresql
from tests.commands.terminal import Terminal
from tests.commands.test_backup import LOG, Writer, assert_is_of_one_moment
from tests.outside.receiver import receiver

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not postgresql.is_here(), reason="PostgreSQL is not on this machine"),
]
HERE = {"STUDIO_WEBHOOK_ALLOW": "127.0.0.1/32"}


@pytest.fixture(scope="module")
def databases() -> Iterator[str]:
    with postgresql.for_a_while("before", "after", "alerts") as url:
        yield url


def typed(folder: Path, url: str, *arguments: object) -> tuple[int, str]:
    terminal = Terminal(folder, *arguments, DATABASE_URL=url)
    return terminal.process.wait(timeout=120), terminal.text


def started(folder: Path, url: str, **environment: str) -> StudioProcess:
    studio = StudioProcess(folder / "var", environment={"DATABASE_URL": url, **environment})
    studio.start()
    return studio


def test_a_backup_under_load_restores_into_another_database(databases: str, tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    studio, stop = started(before, databases.format("before")), threading.Event()
    writers = [Writer(studio, stop) for _ in range(2)]
    threads = [threading.Thread(target=each.work) for each in writers]
    for thread in threads:
        thread.start()
    file = tmp_path / "backup.tar"
    try:
        wait_for(lambda: all(len(w.written) > 2 for w in writers), seconds=60, what="some runs")
        code, text = typed(before, databases.format("before"), "backup", file)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        studio.stop()
    assert (code, [each.errors for each in writers]) == (0, [[], []]), text
    with tarfile.open(file) as tar:
        assert "postgresql" in tar.extractfile(tar.getmembers()[0]).read().decode()  # type: ignore[union-attr]
    code, text = typed(after, databases.format("before"), "restore", file)
    assert code == 1
    assert "not empty" in text
    code, text = typed(after, databases.format("after"), "restore", file)
    assert code == 0, text
    look_at(started(after, databases.format("after")), after, databases, writers)


def look_at(studio: StudioProcess, folder: Path, databases: str, writers: list[Writer]) -> None:
    try:
        written = {name: text for each in writers for name, text in each.written.items()}
        items = studio.api("GET", "/workspaces/main/runs?limit=500")["items"]
        assert len(items) >= 6
        for run in items:
            assert_is_of_one_moment(studio, run["runId"], written[run["runId"]])
        code, text = typed(folder, databases.format("after"), "doctor", "--json")
        findings = {each["about"]: each for each in json.loads(text)}
        assert code == 0, text
        assert all(each["level"] != "fail" for each in findings.values())
        # What is written next has a number of its own.
        made = studio.api("POST", "/workspaces/main/runs", {"experimentName": "load"})
        assert studio.log(made["runId"], LOG) == ""
    finally:
        studio.stop()


def test_alerts_are_sent_by_all_senders_and_none_twice(databases: str, tmp_path: Path) -> None:
    with receiver() as hook:
        studio = started(tmp_path, databases.format("alerts"), **HERE)
        try:
            for number in range(6):
                body = {"name": f"a{number}", "statuses": ["Completed"], "channel": "webhook"}
                target = {"target": f"{hook.url}/{number}"}
                studio.api("POST", "/workspaces/main/alerts", body | target)
            for _ in range(5):
                run = studio.api(
                    "POST", "/workspaces/main/runs", {"experimentName": "e", "start": True}
                )
                studio.api("POST", f"/workspaces/main/runs/{run['runId']}/complete", {})
            wait_for(lambda: len(hook.received) >= 30, seconds=60, what="30 messages")
        finally:
            studio.stop()
        ids = [got.headers["webhook-id"] for got in hook.received]
        assert len(ids) == len(set(ids)) == 30
        assert "Traceback" not in studio.output.read_text()
