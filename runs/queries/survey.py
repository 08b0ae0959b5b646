"""What is looked up before runs are asked for: in four calls at most, however long the query is.

Ids of what is named, so that the index of runs by experiment, parent or person can be used. And
whether the rows of a condition are few: then runs are found by them. Else they are looked for run by
run, the newest first, which is as good for what is common as it would be bad for what is rare.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import IntegerField, Q, Subquery

from runs.models import Experiment, Run, RunProperty, RunTag, User, Workspace
from runs.queries import rows
from runs.queries.tree import Condition, leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from runs.access import Actor
    from runs.queries.tree import Node, Value

# Measured with a million runs: to count so many rows takes 1 ms, to look up so many runs 15 ms.
FEW = 20_000


@dataclass(frozen=True, slots=True)
class Asking:
    """Where, by whom and when a query is asked: for "me" and for times before now."""

    workspace: Workspace
    by: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a query: ``rows`` of conditions on rows, and which of them are ``common``."""

    asking: Asking
    rows: Mapping[Condition, QuerySet[Any]]
    common: frozenset[Condition]
    named: Mapping[str, Mapping[str, list[int]]]

    def ids(self, field: str, values: Iterable[Value]) -> list[int]:
        """Return the ids of what ``values`` name, those that are no beginnings of names."""
        known = self.named.get(field, {})
        exact = (value.text for value in values if not value.is_prefix)
        return [pk for name in exact for pk in known.get(_key(field, name), ())]


def look(tree: Node, asking: Asking) -> Survey:
    """Return what is to be known before runs are asked for.

    Raises:
        Refused: a condition on a tag, property or metric that cannot hold.
    """
    found: dict[Condition, QuerySet[Any]] = {}
    names: dict[str, set[str]] = defaultdict(set)
    for leaf in leaves(tree):
        if not isinstance(leaf, Condition):
            continue
        if leaf.field in ("tag", "property", "metric"):
            found[leaf] = _rows(leaf, asking.workspace)
        elif leaf.field in _NAMED:
            values = leaf.names + leaf.values
            names[leaf.field].update(v.text for v in values if not (v.is_prefix or is_me(v)))
    named = {field: _ids(field, asking.workspace, texts) for field, texts in names.items()}
    return Survey(asking, found, _common(found, asking.workspace), named)


def is_me(value: Value) -> bool:
    """Whether a submitter is who asks, not a person of that name."""
    return value.text == "me" and not value.is_quoted and not value.is_prefix


def _rows(condition: Condition, workspace: Workspace) -> QuerySet[Any]:
    if condition.field == "metric":
        return rows.metrics(condition, workspace)
    model = RunTag if condition.field == "tag" else RunProperty
    return rows.labels(condition, model, workspace)


class _Capped(Subquery):
    """How many rows a query has, as far as its own limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS capped)"
    output_field = IntegerField()


def _common(found: Mapping[Condition, QuerySet[Any]], workspace: Workspace) -> frozenset[Condition]:
    """Return those conditions whose rows are many, or not to be counted soon."""
    counted = [condition for condition in found if rows.is_indexed(condition)]
    if not counted:
        return frozenset(found)
    counts = [_Capped(found[condition].values("run")[: FEW + 1]) for condition in counted]
    numbers = Workspace.objects.filter(pk=workspace.pk).values_list(*counts).get()
    few = {c for c, number in zip(counted, numbers, strict=True) if number <= FEW}
    return frozenset(found.keys() - few)


def _experiments(workspace: Workspace, names: set[str]) -> QuerySet[Any, tuple[str, int]]:
    return Experiment.objects.inside(workspace).filter(name__in=names).values_list("name", "pk")


def _parents(workspace: Workspace, names: set[str]) -> QuerySet[Any, tuple[str, int]]:
    return Run.objects.inside(workspace).filter(run_id__in=names).values_list("run_id", "pk")


def _people(_: Workspace, names: set[str]) -> QuerySet[Any, tuple[str, int]]:
    found = Q()
    for name in names:
        found |= Q(username__iexact=name)
    return User.objects.filter(found).values_list("username", "pk")


_NAMED = {"experiment": _experiments, "parent": _parents, "submitter": _people}


def _ids(field: str, workspace: Workspace, names: set[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    if names:
        for name, pk in _NAMED[field](workspace, names):
            found[_key(field, name)].append(pk)
    return found


def _key(field: str, name: str) -> str:
    return name.lower() if field == "submitter" else name
