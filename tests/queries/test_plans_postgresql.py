"""What PostgreSQL needs to find runs: texts that are collated by code point, and its way shown to it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from runs.models import Experiment, Metric, Run, RunParameter, RunProperty, RunTag, Workspace
from runs.queries import search

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="collations of PostgreSQL"),
]


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (Run, ["display_name", "run_id", "run_type", "target"]),
        (RunTag, ["key", "value_start"]),
        (RunProperty, ["key", "value_start"]),
        (RunParameter, ["key", "value_start"]),
        (Metric, ["name"]),
        (Experiment, ["name"]),
    ],
)
def test_what_is_sought_by_its_beginning_is_collated_by_code_point(
    model: Any, columns: list[str]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = %s AND collation_name = 'C'",
            [model._meta.db_table],
        )
        assert {*columns} <= {name for (name,) in cursor.fetchall()}


def test_logs_are_looked_at_run_by_run_and_never_all_at_once(workspace: Workspace) -> None:
    runs = Run.objects.inside(workspace).filter(search.logged(["epoch"]).by_run)
    told = runs.newest_first().values("pk")[:51].explain()
    assert "SubPlan" in told
    assert "Semi Join" not in told
