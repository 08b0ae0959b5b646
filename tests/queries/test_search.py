"""Free text finds what a person would find who reads every run."""

from __future__ import annotations

import itertools

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.access import Actor
from runs.actions import labels, runs
from runs.models import Run, User
from runs.queries import search
from tests.conftest import MakeRun

ALPHABET = st.sampled_from("abAB12 _-%\"'*\\ß\u0130éÉ\x1f\n木") | st.characters(
    exclude_characters="\x00", exclude_categories=["Cs"]
)
TEXT = st.text(ALPHABET, max_size=12)


def has(texts: list[str], sought: str) -> bool:
    """Look through texts slowly: anywhere, but for one or two letters where a word begins."""
    wanted = sought.casefold().replace("\x1f", " ")
    for text in texts:
        whole = text.casefold().replace("\x1f", " ")
        for place in range(len(whole)):
            begins = place == 0 or not whole[place - 1].isalnum()
            if whole.startswith(wanted, place) and (begins or len(wanted) > 2):
                return True
    return False


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=TEXT.filter(bool), told=TEXT, key=TEXT.filter(bool), value=TEXT, data=st.data())
def test_search_agrees_with_reading_every_run(
    run: Run, alice: User, name: str, told: str, key: str, value: str, data: st.DataObject
) -> None:
    by = Actor.of_user(alice)
    runs.edit(run, by=by, display_name=name, description=told)
    labels.remove_tags(run, run.tags, by=by)
    labels.set_tags(run, {key: value}, by=by)
    whole = data.draw(st.sampled_from([name, told or name, key, value or key]))
    start = data.draw(st.integers(0, len(whole) - 1))
    piece = whole[start : data.draw(st.integers(start + 1, len(whole)))]
    sought = data.draw(st.just(piece) | TEXT.filter(bool))
    if len(sought.casefold()) < 3 and any(c.isspace() or c == "\x1f" for c in sought):
        sought += "xyz"
    texts = [name, told, key, value, run.run_id, run.status, "explore-runs", "alice", "Alice"]
    ways = search.contains(sought)
    expected = [run.pk] if has(texts, sought) else []
    assert list(Run.objects.filter(ways.by_run).values_list("pk", flat=True)) == expected
    found = itertools.chain.from_iterable(ids.values_list("pk", flat=True) for ids in ways.ids)
    assert list(found) == expected


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by statistics")
def test_a_run_is_matched_by_its_own_document(make_run: MakeRun) -> None:
    make_run()
    told = Run.objects.filter(search.contains("brave").by_run).explain()
    assert "autoindex_runs_searchdocument_1 (run_id=?)" in told
