"""A studio is filled to be measured, and never one that people use."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from runs.models import LogDocument, Metric, Run, RunParameter, RunProperty, RunTag
from runs.queries import search
from tests.actions.test_indexing import assert_true_of_all_runs
from tests.conftest import MakeRun

INDEXES = (
    "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY name"
    if connection.vendor == "sqlite"
    else "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"
)


def filled(count: int) -> str:
    told = StringIO()
    call_command("bench_data", runs=count, stdout=told)
    return told.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_runs_are_plausible_and_found_like_any_others(make_run: MakeRun) -> None:
    Run.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        before = cursor.fetchall()
    assert re.search(r"30 runs with their indexes: [0-9,]+ a second", filled(30))
    filled(20)
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        assert cursor.fetchall() == before
    assert_true_of_all_runs()
    models = (Run, RunTag, RunProperty, RunParameter, Metric)
    assert [model._default_manager.count() for model in models] == [50, 150, 50, 250, 250]
    assert Run.objects.filter(depth=1).count() == 5
    run = Run.objects.order_by("-pk")[3]
    assert run.tags == dict(run.tag_rows.values_list("key", "value"))
    assert run.properties == dict(run.property_rows.values_list("key", "value"))
    assert run.parameters == dict(run.parameter_rows.values_list("key", "value"))
    assert run.parameter_rows.get(key="depth").number == int(run.parameters["depth"])
    assert run.parameter_rows.get(key="optimizer").number is None
    assert make_run().pk > run.pk
    ways = search.logged(["loading"])
    assert Run.objects.filter(pk__in=ways.ids[0]).count() == 50
    assert LogDocument.objects.filter(run=run).get().number(3) == 4


def test_a_studio_with_runs_of_people_is_left_alone(run: Run) -> None:
    with pytest.raises(CommandError, match="STUDIO_DATA_DIR"):
        filled(10)
    assert Run.objects.get() == run


def test_no_runs_cannot_be_made(db: None) -> None:
    with pytest.raises(CommandError, match="say 1 or more"):
        filled(0)
