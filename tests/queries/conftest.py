"""Runs to be found, and trees of queries to find them by."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from runs.access import Actor
from runs.models import Run, User, Workspace
from runs.queries.conditions import IS
from runs.queries.language import DEEPEST
from runs.queries.runs import RunQuery, matching
from runs.queries.tree import AllOf, AnyOf, Condition, Node, Not, Text, Value, depth
from studio.contract.words import Status

Found = Callable[..., list[str]]


@pytest.fixture
def found(workspace: Workspace, alice: User) -> Found:
    """Return the ids of runs that a query finds, in the order of making."""

    def find(query: str, by: User = alice, **asked: str | bool) -> list[str]:
        meant = RunQuery(filter=query, **asked)  # type: ignore[arg-type]
        runs = Run.objects.inside(workspace)
        rows = matching(runs, meant, workspace=workspace, by=Actor.of_user(by))
        return [run.run_id for run in rows.order_by("pk")]

    return find


# What a query can hold: no NUL, no half of a surrogate pair.
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
BARE = st.sampled_from(["a", "me", "7", "-7d", "2026-11-01", "loss.min", "ünïcode", "OR", "x!y"])
QUOTED = st.builds(Value, TEXT, st.booleans(), st.just(True))
VALUES = st.lists(QUOTED | st.builds(Value, BARE, st.booleans()), min_size=1, max_size=3).map(tuple)
OPERATORS = st.sampled_from(["=", "!=", ">", ">=", "<", "<="])
FIELD = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
CONDITION = (
    st.builds(Condition, FIELD, VALUES)
    | st.builds(Condition, FIELD, VALUES, st.sampled_from(["=", "!="]))
    | st.builds(Condition, FIELD, st.just(()), OPERATORS, VALUES)
    | st.builds(Condition, FIELD, VALUES, OPERATORS, VALUES)
)
WORDS = st.builds(Value, TEXT.filter(bool), st.booleans(), st.just(True))
LEAF = CONDITION | st.builds(Text, WORDS | st.builds(Value, st.sampled_from(["a", "b-c", "É!"])))


def trees(leaf: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Return trees of such leaves, no deeper than a query may be."""

    def grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return st.builds(AllOf, several) | st.builds(AnyOf, several) | st.builds(Not, inner)

    grown_trees: st.SearchStrategy[Node] = st.recursive(leaf, grown, max_leaves=6)
    return grown_trees.filter(lambda tree: depth(tree) <= DEEPEST)


def _one(field: str, *texts: str) -> st.SearchStrategy[Condition]:
    value = st.sampled_from(texts) | TEXT
    values = st.lists(st.builds(Value, value, st.booleans(), st.just(True)), min_size=1, max_size=3)
    return st.builds(Condition, st.just(field), st.just(()), st.just("!="), values.map(tuple)) | (
        st.builds(Condition, st.just(field), values.map(tuple))
    )


def _named(field: str, *texts: str) -> st.SearchStrategy[Condition]:
    name = st.builds(Value, st.sampled_from(texts) | TEXT, st.just(False), st.just(True))
    value = st.builds(Value, TEXT, st.booleans(), st.just(True))
    one = name.map(lambda n: (n,))
    return st.builds(Condition, st.just(field), one) | st.builds(
        Condition, st.just(field), one, st.sampled_from(["=", "!="]), value.map(lambda v: (v,))
    )


def _bare(field: str, operators: str, *texts: str) -> st.SearchStrategy[Condition]:
    value = st.builds(Value, st.sampled_from(texts)).map(lambda v: (v,))
    return st.builds(
        Condition, st.just(field), st.just(()), st.sampled_from(operators.split()), value
    )


# Conditions that mean something, so that the database is asked.
MEANT: st.SearchStrategy[Node] = st.one_of(
    _one("experiment", "explore-runs", "other"),
    _one("compute", "sdk", "gpu-cluster"),
    _one("submitter", "alice", "bob"),
    _one("parent", "good"),
    _one("name", "a"),
    _one("id", "good", "poor"),
    _one("type", "studio.scriptrun"),
    _named("tag", "quality", "skip"),
    _named("property", "author"),
    _named("metric", "accuracy", "loss"),
    _named("param", "lr", "optimizer"),
    _bare("created", "> >= < <=", "-7d", "2026-11-01", "0001-01-01", "9998-12-31T23:59:59.5Z"),
    _bare("created", "= !=", "2026-11-01", "0001-01-01"),
    _bare("duration", "> >= < <=", "2h", "0s", "36500d"),
    st.sampled_from(list(Status)).map(lambda s: Condition("status", (Value(s.value),))),
    st.sampled_from(list(IS)).map(lambda word: Condition("is", (Value(word),))),
    st.builds(Text, WORDS),
)
