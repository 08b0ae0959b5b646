"""PostgreSQL finds beginnings of texts by an index only if they are collated by code point."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from runs.models import Experiment, Metric, Run, RunParameter, RunProperty, RunTag

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
