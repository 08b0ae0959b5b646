"""What there is to filter by: counts by status, and completion of a query that is being written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Sum

from runs.models import ComputeTarget, Experiment, Membership, RunCount
from runs.models.run import Shelf
from runs.queries.conditions import FIELDS, IS
from runs.queries.known import LABELS, Found, completed
from runs.queries.tree import AllOf, Condition, Node, Value
from studio.contract import words
from studio.contract.words import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runs.models import Workspace
    from runs.models.run import RunQuerySet

# So many runs are counted that an index finds; of others, those among the newest so many.
COUNTED = 10_000
LOOKED_AT = 2_000
SHOWN = 12
_LOOKED_AT = 2_000
# The field that is being written, what was written of its name, and of its value.
_LAST = re.compile(
    r"(?P<minus>-?)(?:(?P<field>[A-Za-z_]+):)?"
    r'(?P<key>"(?:[^"\\]|\\.)*"?|[^\s"(),:=<>!]*)'
    r'(?:(?P<operator>!=|>=|<=|=|<|>)(?P<value>"(?:[^"\\]|\\.)*"?|[^\s"()]*))?$'
)

BUCKETS: dict[str, frozenset[Status]] = {
    "Running": frozenset({Status.RUNNING, Status.FINALIZING}),
    "Completed": frozenset({Status.COMPLETED}),
    "Failed": frozenset({Status.FAILED}),
    "Canceled": frozenset({Status.CANCELED}),
    "Queued": frozenset(
        {Status.QUEUED, Status.NOT_STARTED, Status.STARTING, Status.PROVISIONING, Status.PREPARING}
    ),
}
BUCKETS["Other"] = frozenset(Status) - frozenset().union(*BUCKETS.values())


@dataclass(frozen=True, slots=True)
class Bucket:
    """Runs of some statuses: how many, and whether the query asks for just these."""

    name: str
    count: int
    is_chosen: bool
    query: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Runs by status; ``is_more`` says that only those among the newest 2,000 were counted."""

    buckets: list[Bucket]
    total: int
    is_more: bool


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand next: ``text`` takes the place of the query from ``start`` on."""

    text: str
    label: str
    start: int
    about: str = ""
    count: int | None = None


def kept_counts(workspace: Workspace, tree: Node, *, include_children: bool) -> Counts:
    """Return the counts of all listed runs, which are kept: however many there are."""
    kept = RunCount.objects.inside(workspace).filter(shelf=Shelf.LISTED)
    if not include_children:
        kept = kept.filter(is_child=False)
    found = kept.order_by().values_list("status").annotate(Sum("number"))
    return _counts(dict(found), tree, is_more=False)


def counts(rows: RunQuerySet, tree: Node, scope: RunQuerySet) -> Counts:
    """Return how many of ``rows`` stand in which statuses.

    If no index finds the rows, only those among the newest of ``scope`` are counted: a set that rows
    are part of and that is soon walked.
    """
    is_cut = False
    if not rows.are_few:
        ids = scope.order_by("-pk").values_list("pk", flat=True)
        last = next(iter(ids[LOOKED_AT : LOOKED_AT + 1]), None)
        is_cut = last is not None
        rows = rows.filter(pk__gt=last) if is_cut else rows
    # Django cannot count inside of a limit, so the limit stands in a query of its own.
    try:
        inner, given = rows.order_by("-pk").values("status")[: COUNTED + 1].query.sql_with_params()
    except EmptyResultSet:
        return _counts({}, tree, is_more=False)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT status, COUNT(*) FROM ({inner}) AS newest GROUP BY status",  # noqa: S608
            given,
        )
        return _counts(dict(cursor.fetchall()), tree, is_more=is_cut)


def _counts(found: dict[str, int], tree: Node, *, is_more: bool) -> Counts:
    total = sum(found.values())
    chosen = status_names(tree)
    buckets = [
        Bucket(
            name,
            sum(found.get(status.value, 0) for status in statuses),
            is_chosen={s.value for s in statuses} <= chosen,
            query=toggled(tree, statuses),
        )
        for name, statuses in BUCKETS.items()
    ]
    return Counts(buckets, total, is_more)


def status_names(tree: Node) -> set[str]:
    """Return the statuses that a query asks for at its top, empty for any."""
    known = {status.value.lower(): status.value for status in Status}
    found: set[str] = set()
    for node in _terms(tree):
        if _is_status(node):
            found |= {known.get(value.text.lower(), "") for value in node.names + node.values}
    return found - {""}


def without_status(tree: Node) -> Node:
    """Return a query that asks for any status, where it asked for some at its top; else the same."""
    kept = tuple(node for node in _terms(tree) if not _is_status(node))
    return tree if len(kept) == len(_terms(tree)) else AllOf(kept)


def soon_walked(tree: Node) -> Node:
    """Return the part of a query, at its top, whose runs an index of the list holds side by side."""
    asked = (node for node in _terms(tree) if isinstance(node, Condition))
    return AllOf(tuple(node for node in asked if node.field in ("experiment", "created")))


def toggled(tree: Node, statuses: Iterable[Status]) -> str:
    """Return the query that also asks for these statuses, or no more if it did."""
    asked, these = status_names(tree), {status.value for status in statuses}
    wanted = asked - these if these <= asked else asked | these
    rest = without_status(tree)
    if not wanted:
        return rest.text()
    order = [status.value for status in Status if status.value in wanted]
    condition = Condition("status", names=tuple(Value(name) for name in order))
    return AllOf((*_terms(rest), condition)).text()


def _terms(tree: Node) -> tuple[Node, ...]:
    return tree.nodes if isinstance(tree, AllOf) else (tree,)


def _is_status(node: Node) -> TypeGuard[Condition]:
    return isinstance(node, Condition) and node.field == "status" and node.operator in ("", "=")


def complete(text: str, at: int, *, workspace: Workspace) -> list[Completion]:
    """Return what may stand where the cursor is, the likeliest first."""
    begun = _LAST.search(text[:at])
    if begun is None:
        return []
    field, key, operator = begun["field"], _plain(begun["key"]), begun["operator"]
    if field is None:
        start = begun.start("key")
        return [
            Completion(f"{name}:", f"{name}:", start, ABOUT.get(name, ""))
            for name in FIELDS
            if name.startswith(key.lower())
        ][:SHOWN]
    if operator is not None:
        found = completed(field, _plain(begun["value"]), workspace, of=key)
        place, start = "value", begun.start("value")
    else:
        found = _names(field, key, workspace)
        place, start = "name", begun.start("key")
    return [
        Completion(Value(name).written(place), name, start, count=count) for name, count in found
    ]


def _plain(written: str) -> str:
    if not written.startswith('"'):
        return written
    inner = written[1:-1] if len(written) > 1 and written.endswith('"') else written[1:]
    return inner.replace('\\\\"', '"').replace("\\\\\\\\", "\\\\")


def _names(field: str, begun: str, workspace: Workspace) -> Found:
    if field in LABELS:
        return completed(field, begun, workspace)
    words_: Found
    if field == "status":
        words_ = [(status.value, None) for status in Status]
    elif field == "is":
        words_ = [(name, None) for name in IS]
    elif field == "experiment":
        rows = Experiment.objects.inside(workspace).active().filter(name__istartswith=begun)
        newest = rows.order_by("-pk").values_list("name", flat=True)[:SHOWN]
        words_ = [(name, None) for name in newest]
    elif field == "compute":
        names = ComputeTarget.objects.inside(workspace).values_list("name", flat=True)
        words_ = [(name, None) for name in (*names, words.TARGET_LOCAL, words.TARGET_SDK)]
    elif field == "submitter":
        members = Membership.objects.filter(workspace=workspace).order_by("user__username")
        people = members.values_list("user__username", flat=True)[:_LOOKED_AT]
        words_ = [("me", None), *((name, None) for name in people)]
    elif field == "created":
        words_ = [(word, None) for word in (">-1d", ">-7d", ">-30d")]
    elif field == "duration":
        words_ = [(word, None) for word in (">1h", ">1d", "<1m")]
    else:
        return []
    return [pair for pair in words_ if pair[0].lower().startswith(begun.lower())][:SHOWN]


ABOUT = {
    "status": "failed, running …",
    "tag": "key, or key=value",
    "property": "key=value",
    "metric": "accuracy>0.9",
    "param": "a parameter: lr<0.1",
    "log": "a text in its logs",
    "experiment": "its name",
    "compute": "where it runs",
    "submitter": "me, or a user name",
    "created": ">-7d, or a day",
    "duration": ">2h",
    "parent": "children of a run",
    "is": "child, archived, starred",
    "name": "display name",
    "id": "run id",
    "type": "run type",
}
