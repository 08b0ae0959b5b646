"""Retention rules at the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from runs.models import Run
from studio.cli.ending import NOT_FOUND, USAGE
from studio.sdk import Experiment
from tests.cli.conftest import Cli


def test_a_rule_is_previewed_made_switched_and_deleted(
    experiment: Experiment, cli: Cli, result: Callable[..., Any]
) -> None:
    experiment.start_logging(run_id="old", snapshot_directory=None, outputs=False).complete()
    Run.objects.update(ended_at=timezone.now() - timedelta(days=40))
    seen = result("retention", "preview", "--days", "30", "--filter", "status:completed")
    assert (seen["count"], seen["runs"][0]["runId"]) == (1, "old")
    code, _, told = cli("retention", "create", "--days", "30", "--filter", "status:completed")
    assert code == USAGE
    assert "confirm: 1" in told
    made = result(
        "retention", "create", "--days", "30", "--filter", "status:completed", "--confirm", "1"
    )
    number = str(made["id"])
    assert result("retention", "disable", number)["enabled"] is False
    assert result("retention", "enable", number)["enabled"] is True
    assert [each["days"] for each in result("retention", "list")] == [30]
    code, said, _ = cli("retention", "delete", number)
    assert (code, said.startswith(f"The rule {number} is deleted.")) == (0, True)
    assert cli("retention", "delete", number)[0] == NOT_FOUND
