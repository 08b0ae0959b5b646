"""Queries about when runs were made and how long they took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.utils import timezone

from runs.models import Run
from tests.conftest import MakeRun
from tests.queries.conftest import Found


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("created:>-7d", "new"),
        ("created:<-7d", "older old"),
        ("created:>=-30d", "old new"),
        ("created:2026-11-01", "old"),
        ("created:!=2026-11-01", "older new"),
        ("created:>2026-11-01", "new"),
        ("created:>=2026-11-01", "old new"),
        ("created:<2026-11-01", "older"),
        ("created:<=2026-11-01", "older old"),
        ("created:>2026-11-01T23:59", "new"),
        ("created:<=2026-11-01T23:59", "older old"),
        ("created:2026-11-01T23:59:59", "old"),
        ("created:2026-11-01T23:59:58", ""),
        ("created:2026-11-02T01:59+02:00,2026-10-01", "older old"),
        ("created:>2026-11-01T23:59:59.5Z", "new"),
    ],
)
def test_times_are_of_a_day_a_minute_or_before_now(
    found: Found, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, query: str, ids: str
) -> None:
    for run_id, at in (
        ("older", datetime(2026, 10, 1, 12, tzinfo=UTC)),
        ("old", datetime(2026, 11, 1, 23, 59, 59, 500_000, tzinfo=UTC)),
        ("new", datetime(2026, 11, 20, 12, tzinfo=UTC)),
    ):
        with mock.patch.object(timezone, "now", return_value=at):
            make_run(run_id=run_id)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert found(query) == ids.split()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("duration:>2h", "slow going"),
        ("duration:>=2h", "two slow going"),
        ("duration:<2h", "quick"),
        ("duration:<=7200s", "quick two"),
        ("duration:>1.5d", "going"),
        ("-duration:>2h", "quick two waiting"),
    ],
)
def test_a_duration_is_from_start_to_end_or_to_now(
    found: Found, make_run: MakeRun, query: str, ids: str
) -> None:
    now = timezone.now()
    for run_id, hours in (("quick", 0.5), ("two", 2), ("slow", 3)):
        began = now - timedelta(days=1)
        length = timedelta(hours=hours)
        Run.objects.filter(pk=make_run(run_id=run_id).pk).update(
            started_at=began, ended_at=began + length, seconds=length.total_seconds()
        )
    going = make_run(run_id="going")
    Run.objects.filter(pk=going.pk).update(started_at=now - timedelta(days=2))
    make_run(run_id="waiting")
    assert found(query) == ids.split()
