"""A query's tree to conditions on runs: the fields there are, and what each means.

A field is looked up in ``FIELDS`` and nowhere else; columns are named here, never by a query.
"""

from __future__ import annotations

import difflib
import functools
import itertools
import operator
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef, Q

from runs.models import Experiment, Run, RunProperty, RunTag, User
from runs.models.run import Shelf
from runs.queries import rows, search, survey, times
from runs.queries.language import refused
from runs.queries.rows import ORDERS, short, single
from runs.queries.survey import Asking, Known, Ways, is_me
from runs.queries.tree import AllOf, AnyOf, Condition, Not, Text, leaves
from studio.contract.words import Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from runs.models import Workspace
    from runs.models.run import RunQuerySet
    from runs.queries.tree import Node, Value

__all__ = ["FIELDS", "IS", "Asking", "meant", "said"]
_LONGEST = timedelta(days=36_500)
_TIME_HINT = "For example created:>-7d, created:2026-11-01 or created:<2026-11-01T12:00Z (UTC)."
_DURATION_HINT = "For example duration:>2h; units are s, m, h, d and w."

Field = Callable[[Condition, Known], Ways]


def meant(tree: Node, asking: Asking) -> Q:
    """Return the condition that a run is meant by the query.

    Raises:
        Refused: a field that does not exist, or a value that it cannot have; says where.
    """
    known = survey.look(tree, asking)
    asked = [leaf for leaf in leaves(tree) if isinstance(leaf, Condition)]
    ways = {condition: _field(condition)(condition, known) for condition in asked}
    rare = survey.rare(ways, asking.workspace)

    def of(node: Node) -> Q:
        match node:
            case Condition():
                return ways[node].meant(by_ids=node in rare)
            case Text(value):
                # A star behind it adds nothing: the text is found anywhere.
                return search.contains(value.text, asking.workspace)
            case Not(inner):
                return ~of(inner)
            case AllOf(nodes):
                return functools.reduce(operator.and_, map(of, nodes), Q())
            case AnyOf(nodes):
                return functools.reduce(operator.or_, map(of, nodes))

    return of(tree)


def said(tree: Node) -> set[str]:
    """Return the fields that a query names, and "is:" words whole, as ``is:child``."""
    found = set()
    for leaf in leaves(tree):
        if isinstance(leaf, Condition):
            found.add(leaf.field)
            found.update(f"{leaf.field}:{value.text}" for value in leaf.names + leaf.values)
    return found


def _field(condition: Condition) -> Field:
    found = FIELDS.get(condition.field)
    if found is None:
        reason = f'There is no field "{condition.field[:50]}"'
        raise refused(reason, condition.span.start, _suggestion(condition.field, FIELDS))
    return found


def _suggestion(word: str, known: Iterable[str]) -> str:
    alike = difflib.get_close_matches(word.lower(), known, 1)
    return f"Did you mean {alike[0]}?" if alike else f"There are {', '.join(known)}."


def _choice(
    find: Callable[[tuple[Value, ...], Known], Q],
    among: Callable[[Workspace], RunQuerySet] | None = None,
) -> Field:
    """Return a field that is one of several values, or with ``!=`` none of them.

    ``among`` returns runs that an index finds by the field and nothing else.
    """

    def build(condition: Condition, known: Known) -> Ways:
        _check_unnamed(condition)
        if condition.operator in ORDERS:
            reason = f"The field {condition.field} is compared by = or != only"
            raise refused(reason, condition.span.start, f"For example {condition.field}:value.")
        found = find(condition.names or condition.values, known)
        ids = among(known.asking.workspace).filter(found).values("pk") if among else None
        return Ways(found, ids, condition.operator == "!=")

    return build


def _all_runs(_: Workspace) -> RunQuerySet:
    # Ids of experiments, parents and people need no workspace; its index would only be in the way.
    return Run.objects.all()


def _rows(condition: Condition, known: Known) -> Ways:
    workspace = known.asking.workspace
    if condition.field == "metric":
        found: QuerySet[Any] = rows.metrics(condition, workspace)
    else:
        model = RunTag if condition.field == "tag" else RunProperty
        found = rows.labels(condition, model, workspace)
    ids = found.values("run") if rows.is_indexed(condition) else None
    return Ways(Q(Exists(found.filter(run=OuterRef("pk")))), ids)


def _check_unnamed(condition: Condition) -> None:
    if condition.names and condition.operator:
        place = condition.names[-1].span.end
        hint = f'Put a value in quotes, as in {condition.field}:"a=b".'
        raise refused(f"A value of {condition.field} is not compared again", place, hint)


def _texts(column: str, values: tuple[Value, ...]) -> Q:
    exact = [value.text for value in values if not value.is_prefix]
    return Q(**{f"{column}__in": exact}) | _beginning(column, values)


def _beginning(column: str, values: tuple[Value, ...]) -> Q:
    """Return that a text begins with one of the ``values`` that are beginnings."""
    found = Q(pk__in=[])
    for value in values:
        if value.is_prefix:
            found |= Q(**{f"{column}__begins": value.text})
    return found


def _status(values: tuple[Value, ...], _: Known) -> Q:
    known = {status.value.lower(): status for status in Status}
    found = set()
    for value in values:
        asked = value.text.lower()
        alike = [s for word, s in known.items() if value.is_prefix and word.startswith(asked)]
        if asked in known:
            alike.append(known[asked])
        if not alike:
            near = difflib.get_close_matches(asked, known, 1)
            hint = _suggestion(known[near[0]] if near else asked, list(Status))
            raise refused(f"There is no status {short(value)}", value.span.start, hint)
        found.update(alike)
    return Q(status__in=sorted(found))


def _experiment(values: tuple[Value, ...], known: Known) -> Q:
    alike = Experiment.objects.inside(known.asking.workspace).filter(_beginning("name", values))
    return Q(experiment__in=known.ids("experiment", values)) | Q(experiment__in=alike)


def _parent(values: tuple[Value, ...], known: Known) -> Q:
    alike = Run.objects.inside(known.asking.workspace).filter(_beginning("run_id", values))
    return Q(parent__in=known.ids("parent", values)) | Q(parent__in=alike)


def _submitter(values: tuple[Value, ...], known: Known) -> Q:
    me = next(filter(is_me, values), None)
    ids = known.ids("submitter", itertools.filterfalse(is_me, values))
    if me is not None:
        if known.asking.by.user is None:
            raise refused('Nobody asks here, so "me" is nobody', me.span.start)
        ids.append(known.asking.by.user.pk)
    alike = Q(pk__in=[])
    for value in values:
        if value.is_prefix:
            alike |= Q(username__istartswith=value.text)
    return Q(created_by__in=ids) | Q(created_by__in=User.objects.filter(alike))


def _is(values: tuple[Value, ...], _: Known) -> Q:
    found = Q()
    for value in values:
        if value.is_prefix or value.text not in IS:
            hint = _suggestion(value.text, IS)
            raise refused(f"A run is never {short(value)}", value.span.start, hint)
        found |= IS[value.text]
    return found


def _created(condition: Condition, known: Known) -> Ways:
    _check_unnamed(condition)
    if condition.operator in ORDERS:
        value = single(condition)
        begin, end = _stretch(value, known.asking.now)
        lookup, edge = ORDERS[condition.operator], begin
        if begin != end:
            # After a day is when it has ended, and up to a day is until then.
            lookup = "gte" if condition.operator in (">", ">=") else "lt"
            edge = end if condition.operator in (">", "<=") else begin
        return Ways(Q(**{f"created_at__{lookup}": edge}))
    found = Q()
    for value in condition.names or condition.values:
        begin, end = _stretch(value, known.asking.now)
        if begin == end:
            hint = (
                f"Write created:>{value.text} for what is newer, created:<{value.text} for older."
            )
            raise refused("This is a moment, in which no run began", value.span.start, hint)
        found |= Q(created_at__gte=begin, created_at__lt=end)
    return Ways(found, is_not=condition.operator == "!=")


def _stretch(value: Value, now: datetime) -> tuple[datetime, datetime]:
    """Return begin and end of what is meant; a time before now is a moment, so both are one."""
    moment = times.before_now(value.text, now)
    found = (moment, moment) if moment is not None else times.stretch(value.text)
    if found is None or value.is_prefix:
        raise refused(f"{short(value)} is no time", value.span.start, _TIME_HINT)
    return found


def _duration(condition: Condition, known: Known) -> Ways:
    _check_unnamed(condition)
    if condition.operator not in ORDERS:
        reason = "A duration is compared by >, >=, < or <="
        raise refused(reason, condition.span.start, _DURATION_HINT)
    value = single(condition)
    length = times.duration(value.text)
    if length is None or length > _LONGEST or value.is_prefix:
        raise refused(f"{short(value)} is no duration", value.span.start, _DURATION_HINT)
    order = ORDERS[condition.operator]
    ended = Q(ended_at__isnull=False, **{f"ended_at__{order}": F("started_at") + length})
    # A run that goes on has lasted until now.
    back = {"gt": "lt", "gte": "lte", "lt": "gt", "lte": "gte"}[order]
    lasting = Q(ended_at=None, **{f"started_at__{back}": known.asking.now - length})
    return Ways(Q(started_at__isnull=False) & (ended | lasting))


# Not depth > 0: SQLite would take that range of an index, and sort all children there are.
IS = {"child": ~Q(depth=0), "archived": Q(shelf=Shelf.ARCHIVED)}
FIELDS: dict[str, Field] = {
    "status": _choice(_status, Run.objects.inside),
    "tag": _rows,
    "property": _rows,
    "metric": _rows,
    "experiment": _choice(_experiment, _all_runs),
    "compute": _choice(lambda values, _: _texts("target", values)),
    "submitter": _choice(_submitter, _all_runs),
    "created": _created,
    "duration": _duration,
    "parent": _choice(_parent, _all_runs),
    "is": _choice(_is),
    "name": _choice(lambda values, _: _texts("display_name", values)),
    "id": _choice(lambda values, _: _texts("run_id", values)),
    "type": _choice(lambda values, _: _texts("run_type", values)),
}
