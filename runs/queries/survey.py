"""What is looked up before runs are asked for: in five calls at most, however long the query is.

Ids of what is named, so that the index of runs by experiment, parent or person can be used. And
which conditions few runs meet: then these runs are looked at. Else runs are looked at one by one, the
newest first, which is as good for what is common as it would be bad for what is rare.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django.db.models import F, IntegerField, Q, Subquery
from django.db.models.functions import Coalesce

from runs.models import Experiment, Run, User, Workspace
from runs.queries.tree import AllOf, Condition, Not, Text, leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from runs.access import Actor
    from runs.queries.tree import Node, Value

Ids = tuple["QuerySet[Any, Any]", ...]
Leaf = Condition | Text
_RANGES = frozenset({"lt", "lte", "gt", "gte", "begins"})

# Measured with a million runs: to count so many rows takes 1 ms, to look up so many runs 8 ms.
FEW = 10_000


@dataclass(frozen=True, slots=True)
class Asking:
    """Where, by whom and when a query is asked: for "me" and for times before now."""

    workspace: Workspace
    by: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What ``asking`` says, and the ids of what the query names, by field and name.

    ``within`` are the experiments that all meant runs are of; None where the query leaves that open.
    ``disorder`` is by how much a run may be older than one of a lower id: asked for with times only.
    """

    asking: Asking
    named: Mapping[str, Mapping[str, list[int]]]
    within: tuple[int, ...] | None = None
    disorder: timedelta = timedelta()

    def ids(self, field: str, values: Iterable[Value]) -> list[int]:
        """Return the ids of what ``values`` name, those that are no beginnings of names."""
        known = self.named.get(field, {})
        exact = (value.text for value in values if not value.is_prefix)
        return [pk for name in exact for pk in known.get(_key(field, name), ())]


@dataclass(frozen=True, slots=True)
class Ways:
    """Two ways to the same runs: ``by_run`` is a condition on one, ``ids`` are theirs by an index.

    ``ids`` may be in several parts. Without any there is one way only. ``is_not`` turns either round.
    ``most`` is how many are few enough to be looked up by their ids.
    ``others`` are the ids of all runs that do not meet the condition, if an index finds them.
    """

    by_run: Q
    ids: Ids = ()
    is_not: bool = False
    most: int = FEW
    others: Ids = ()


def look(tree: Node, asking: Asking) -> Known:
    """Return what is to be known before conditions are made."""
    names: dict[str, set[str]] = defaultdict(set)
    for leaf in leaves(tree):
        if isinstance(leaf, Condition) and leaf.field in _NAMED:
            values = leaf.names + leaf.values
            names[leaf.field].update(v.text for v in values if not (v.is_prefix or is_me(v)))
    named = {field: _ids(field, asking.workspace, texts) for field, texts in names.items()}
    known = Known(asking, named, disorder=_disorder(tree, asking.workspace))
    return replace(known, within=_within(tree, known))


def _disorder(tree: Node, workspace: Workspace) -> timedelta:
    if all(isinstance(leaf, Text) or leaf.field != "created" for leaf in leaves(tree)):
        return timedelta()
    # Read now, not with the workspace: a run may have been made since.
    kept = Workspace.objects.filter(pk=workspace.pk).values_list("disorder", flat=True)
    return timedelta(seconds=kept.get())


def _within(tree: Node, known: Known) -> tuple[int, ...] | None:
    """Return the experiments that every run is of that the query means."""
    for node in tree.nodes if isinstance(tree, AllOf) else (tree,):
        if isinstance(node, AllOf):
            found = _within(node, known)
            if found is not None:
                return found
        elif isinstance(node, Condition) and node.field == "experiment" and node.operator != "!=":
            values = node.names + node.values
            if not any(value.is_prefix for value in values):
                return tuple(known.ids("experiment", values))
    return None


def rare(ways: Mapping[Leaf | Not, Ways], workspace: Workspace) -> frozenset[Leaf | Not]:
    """Return those conditions, plain or turned round, that few runs meet, as far as an index can tell."""
    most = {leaf: min(way.most, FEW) for leaf, way in ways.items()}
    counted = [(leaf, ids) for leaf, way in ways.items() for ids in way.ids]
    if not counted:
        return frozenset()
    counts = [_Capped(ids[: most[leaf] + 1]) for leaf, ids in counted]
    numbers = Workspace.objects.filter(pk=workspace.pk).values_list(*counts).get()
    totals: dict[Leaf | Not, int] = defaultdict(int)
    for (leaf, _), number in zip(counted, numbers, strict=True):
        totals[leaf] += number or 0
    return frozenset(leaf for leaf, number in totals.items() if number <= most[leaf])


def any_of(ids: Ids) -> Q:
    """Return the condition that a run is among these."""
    return Q(pk__in=ids[0].union(*ids[1:], all=True) if len(ids) > 1 else ids[0])


def run_by_run(condition: Q) -> Q:
    """Return a condition on columns that no index of a range is entered by.

    The list is walked in its order instead: what is common is soon found there, while all that lies
    in a range would have to be sorted.
    """
    parts: list[Any] = []
    for child in condition.children:
        if isinstance(child, Q):
            parts.append(run_by_run(child))
            continue
        name, value = cast("tuple[str, Any]", child)
        column, _, lookup = name.partition("__")
        if lookup in _RANGES:
            field: Any = Run._meta.get_field(column)
            same = Coalesce(F(column), F(column), output_field=field)
            parts.append(field.get_lookup(lookup)(same, value))
        else:
            parts.append(child)
    return Q(*parts, _connector=condition.connector, _negated=condition.negated)


def is_me(value: Value) -> bool:
    """Whether a submitter is who asks, not a person of that name."""
    return value.text == "me" and not value.is_quoted and not value.is_prefix


class _Capped(Subquery):
    """How many rows a query has, as far as its own limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS capped)"
    output_field = IntegerField()


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
