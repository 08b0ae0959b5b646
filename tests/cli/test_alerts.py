"""Alerts at the command line."""

from __future__ import annotations

import argparse
import ipaddress
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings

from studio.cli.alert_options import crossing, span
from studio.cli.ending import NOT_FOUND, USAGE
from studio.sdk import Experiment
from tests.alerts.work import work
from tests.cli.conftest import Cli
from tests.outside.receiver import receiver


def test_alerts_are_made_listed_changed_and_deleted(
    experiment: Experiment, cli: Cli, result: Callable[..., Any]
) -> None:
    made = result(
        "alert", "create", "Failures", "--status", "Failed", "Canceled", "--filter", "tag:a"
    )
    result("alert", "create", "Slow", "--longer-than", "2h", "--include-children")
    result("alert", "create", "Worse", "--metric", "loss > 5", "--for-all", "--to", "t@example.org")
    when = [each["when"] for each in result("alert", "list")]
    assert when == ["Failed, Canceled", "longer than 2 h 0 m", "loss > 5"]
    code, shown, _ = cli("alert", "list", "-o", "table")
    assert code == 0
    assert "Tells when" in shown
    assert "longer than 2 h 0 m" in shown
    assert result("alert", "show", "Failures")["id"] == made["id"]
    told = result(
        "alert", "update", "Failures", "--disable", "--name", "Ends", "--metric", "f1>=0.9"
    )
    assert (told["enabled"], told["name"], told["when"]) == (False, "Ends", "f1 >= 0.9")
    assert told["filter"] == "tag:a"
    assert result("alert", "update", str(made["id"]), "--enable")["enabled"] is True
    code, said, _ = cli("alert", "delete", "Slow")
    assert (code, said) == (0, 'The alert "Slow" is deleted.\n')
    assert [each["name"] for each in result("alert", "list")] == ["Ends", "Worse"]


def test_what_was_sent_is_listed_and_sent_again(
    experiment: Experiment, cli: Cli, result: Callable[..., Any], settings: LazySettings
) -> None:
    settings.WEBHOOK_ALLOW = [ipaddress.ip_network("127.0.0.1/32")]
    with receiver() as hook:
        told = ("--status", "Failed", "--channel", "webhook", "--to", hook.url)
        result("alert", "create", "All", *told)
        (test,) = result("alert", "test", "All")
        run = experiment.start_logging(snapshot_directory=None, outputs=False)
        run.fail(error_details="no memory")
        work()
        sent, tried = result("alert", "deliveries", "All")
        assert (tried["id"], tried["state"], sent["state"]) == (test["id"], "sent", "sent")
        again = result("alert", "replay", "All", sent["id"])
        work()
        (newest,) = result("alert", "deliveries", "All", "--last", "1")
        assert (newest["id"], newest["replayOf"]) == (again["id"], sent["id"])
        assert len(hook.received) == 3
        code, _, said = cli("alert", "retry", "All", sent["id"])
        assert code == USAGE
        assert said


def test_an_alert_that_is_not_there_or_is_there_twice_is_told(
    experiment: Experiment, cli: Cli, result: Callable[..., Any]
) -> None:
    for _ in range(2):
        result("alert", "create", "Same", "--status", "Failed")
    code, _, told = cli("alert", "show", "Same")
    assert code == USAGE
    assert "Several alerts" in told
    code, _, told = cli("alert", "show", "never")
    assert code == NOT_FOUND
    assert "Same" in told
    code, _, told = cli("alert", "update", "Same")
    assert code == USAGE
    assert "Nothing is to be changed" in told


@pytest.mark.parametrize(
    ("text", "seconds"), [("45", 45), ("45s", 45), ("1.5m", 90), ("2h", 7_200), ("3 d", 259_200)]
)
def test_a_time_is_read(text: str, seconds: float) -> None:
    assert span(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "2w", "-1h", "1h30m", "nan"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no time"):
        span(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("loss>5", ("loss", ">", 5.0)),
        ("val/loss <= -1e-3", ("val/loss", "<=", -0.001)),
        ("a>b>=.5", ("a>b", ">=", 0.5)),
    ],
)
def test_a_condition_is_read(text: str, told: tuple[str, str, float]) -> None:
    assert crossing(text) == told


@pytest.mark.parametrize("text", ["loss", "loss>", ">5", "loss=5", "loss>nan", "loss>1.2.3"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no condition"):
        crossing(text)
