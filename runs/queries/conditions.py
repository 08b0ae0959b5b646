"""A query's tree to conditions on runs: the fields there are, and what each means.

A field is looked up in ``FIELDS`` and nowhere else; columns are named here, never by a query.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Q

from runs.models import Experiment, Run, RunProperty, RunTag, User
from runs.queries import prefix, rows, search, times  # noqa: F401 (prefix registers "begins")
from runs.queries.language import refused
from runs.queries.rows import ORDERS, short, single
from runs.queries.tree import AllOf, AnyOf, Condition, Not, Text, leaves
from studio.contract.words import Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from runs.access import Actor
    from runs.models import Workspace
    from runs.queries.tree import Node, Value

_LONGEST = timedelta(days=36_500)
_TIME_HINT = "For example created:>-7d, created:2026-11-01 or created:<2026-11-01T12:00Z (UTC)."
_DURATION_HINT = "For example duration:>2h; units are s, m, h, d and w."


@dataclass(frozen=True, slots=True)
class Asking:
    """Where, by whom and when a query is asked: for "me" and for times before now."""

    workspace: Workspace
    by: Actor
    now: datetime


Field = Callable[[Condition, Asking], Q]


def meant(tree: Node, asking: Asking) -> Q:
    """Return the condition that a run is meant by the query.

    Raises:
        Refused: a field that does not exist, or a value that it cannot have; says where.
    """
    match tree:
        case AllOf(nodes):
            found = Q()
            for node in nodes:
                found &= meant(node, asking)
            return found
        case AnyOf(nodes):
            found = meant(nodes[0], asking)
            for node in nodes[1:]:
                found |= meant(node, asking)
            return found
        case Not(node):
            return ~meant(node, asking)
        case Text(value):
            return search.contains(value.text, asking.workspace)
        case Condition():
            return _field(tree)(tree, asking)


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


def _choice(find: Callable[[tuple[Value, ...], Asking], Q]) -> Field:
    """Return a field that is one of several values, or with ``!=`` none of them."""

    def build(condition: Condition, asking: Asking) -> Q:
        _check_unnamed(condition)
        if condition.operator in ORDERS:
            reason = f"The field {condition.field} is compared by = or != only"
            raise refused(reason, condition.span.start, f"For example {condition.field}:value.")
        found = find(condition.names or condition.values, asking)
        return ~found if condition.operator == "!=" else found

    return build


def _check_unnamed(condition: Condition) -> None:
    if condition.names and condition.operator:
        place = condition.names[-1].span.end
        hint = f'Put a value in quotes, as in {condition.field}:"a=b".'
        raise refused(f"A value of {condition.field} is not compared again", place, hint)


def _texts(column: str, values: tuple[Value, ...]) -> Q:
    found = Q(**{f"{column}__in": [value.text for value in values if not value.is_prefix]})
    for value in values:
        if value.is_prefix:
            found |= Q(**{f"{column}__begins": value.text})
    return found


def _status(values: tuple[Value, ...], _: Asking) -> Q:
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


def _experiment(values: tuple[Value, ...], asking: Asking) -> Q:
    named = Experiment.objects.inside(asking.workspace).filter(_texts("name", values))
    return Q(experiment__in=named)


def _parent(values: tuple[Value, ...], asking: Asking) -> Q:
    return Q(parent__in=Run.objects.inside(asking.workspace).filter(_texts("run_id", values)))


def _submitter(values: tuple[Value, ...], asking: Asking) -> Q:
    people = Q()
    for value in values:
        if value.is_prefix:
            people |= Q(username__istartswith=value.text)
        elif value.text != "me" or value.is_quoted:
            people |= Q(username__iexact=value.text)
        elif asking.by.user is not None:
            people |= Q(pk=asking.by.user.pk)
        else:
            raise refused('Nobody asks here, so "me" is nobody', value.span.start)
    return Q(created_by__in=User.objects.filter(people))


def _is(values: tuple[Value, ...], _: Asking) -> Q:
    found = Q()
    for value in values:
        if value.is_prefix or value.text not in IS:
            hint = _suggestion(value.text, IS)
            raise refused(f"A run is never {short(value)}", value.span.start, hint)
        found |= IS[value.text]
    return found


def _created(condition: Condition, asking: Asking) -> Q:
    _check_unnamed(condition)
    if condition.operator in ORDERS:
        value = single(condition)
        begin, end = _stretch(value, asking.now)
        # What comes after a day begins when it has ended; up to a day is until it has ended.
        edge = end if condition.operator in (">", "<=") and begin != end else begin
        order = {">": "gte", "<=": "lt"} if begin != end else {}
        lookup = order.get(condition.operator, ORDERS[condition.operator])
        return Q(**{f"created_at__{lookup}": edge})
    found = Q()
    for value in condition.names or condition.values:
        begin, end = _stretch(value, asking.now)
        if begin == end:
            hint = (
                f"Write created:>{value.text} for what is newer, created:<{value.text} for older."
            )
            raise refused("This is a moment, in which no run began", value.span.start, hint)
        found |= Q(created_at__gte=begin, created_at__lt=end)
    return ~found if condition.operator == "!=" else found


def _stretch(value: Value, now: datetime) -> tuple[datetime, datetime]:
    """Return begin and end of what is meant; a time before now is a moment, so both are one."""
    moment = times.before_now(value.text, now)
    found = (moment, moment) if moment is not None else times.stretch(value.text)
    if found is None or value.is_prefix:
        raise refused(f"{short(value)} is no time", value.span.start, _TIME_HINT)
    return found


def _duration(condition: Condition, asking: Asking) -> Q:
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
    lasting = Q(ended_at=None, **{f"started_at__{back}": asking.now - length})
    return Q(started_at__isnull=False) & (ended | lasting)


IS = {"child": Q(depth__gt=0), "archived": Q(hidden=True)}
FIELDS: dict[str, Field] = {
    "status": _choice(_status),
    "tag": lambda condition, asking: rows.label(condition, RunTag, asking.workspace),
    "property": lambda condition, asking: rows.label(condition, RunProperty, asking.workspace),
    "metric": lambda condition, asking: rows.metric(condition, asking.workspace),
    "experiment": _choice(_experiment),
    "compute": _choice(lambda values, _: _texts("target", values)),
    "submitter": _choice(_submitter),
    "created": _created,
    "duration": _duration,
    "parent": _choice(_parent),
    "is": _choice(_is),
    "name": _choice(lambda values, _: _texts("display_name", values)),
    "id": _choice(lambda values, _: _texts("run_id", values)),
    "type": _choice(lambda values, _: _texts("run_type", values)),
}
