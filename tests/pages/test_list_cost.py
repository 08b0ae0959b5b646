"""What a page of All runs costs: questions to the database, and bytes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import metrics, views
from runs.actions.metrics import Row
from runs.models import User, Workspace
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_list import LIST, PART

_ASKED = {
    "plain": {},
    "groups": {"group": "experiment"},
    "groups by tag": {"group": "tag:n"},
    "closed groups": {"group": "experiment", "closed": "e0,e1,e2"},
    "columns": {"columns": "name,tags,metric:a,metric:b.max,param:p,parent,duration", "differ": "true"},
    "query": {"filter": "tag:n experiment:e*", "sort": "-metric:a", "children": "true"},
}  # fmt: skip


@pytest.mark.parametrize("is_part", [False, True])
@pytest.mark.parametrize("asked", _ASKED.values(), ids=_ASKED)
def test_many_rows_ask_the_database_as_often_as_few(
    browser: Browser,
    alice: User,
    workspace: Workspace,
    make_run: MakeRun,
    asked: dict[str, str],
    is_part: bool,
) -> None:
    actor = Actor.of_user(alice)
    view = views.create(workspace, by=actor, name="Mine", state={"density": "compact"})
    client = browser(alice)
    top = make_run(run_id="top", experiment_name="e0")

    def make(count: int) -> None:
        for number in range(count):
            run = make_run(
                experiment_name=f"e{number % 4}", tags={"n": str(number % 7), f"k{number}": "v"},
                parameters={"p": "1"},
            )  # fmt: skip
            metrics.append(run, by=actor, session="s", sequence=0, rows=[Row("a", float(number))])
            make_run(parent_run_id=run.run_id)
            make_run(parent_run_id=top.run_id)

    def count() -> tuple[int, int]:
        given = asked | {"view": view.slug}
        rows = {k: v for k, v in given.items() if k != "filter"}
        told = []
        for path, what in ((LIST, given), (f"{LIST}top/rows/", rows)):
            _get(client, path, what, is_part)
            with CaptureQueriesContext(connection) as queries:
                _get(client, path, what, is_part)
            told.append(len(queries))
        return told[0], told[1]

    make(5)
    few = count()
    make(50)
    # A group that goes on beyond the page is counted, after what names it has been looked up.
    of_groups = 2 if "group" in asked else 0
    assert all(few[n] <= many <= few[n] + of_groups for n, many in enumerate(count()))
    assert max(few) <= 26


def _get(client: Client, path: str, asked: dict[str, str], is_part: bool) -> None:
    answer = client.get(path, asked, headers=PART if is_part else {})
    assert answer.status_code == 200


def test_the_list_is_compressed_for_whoever_takes_it(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for number in range(20):
        make_run(tags={"number": str(number)})
    client = browser(alice)
    plain = client.get(LIST)
    small = client.get(LIST, headers={"accept-encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert len(small.content) < len(plain.content) / 3
