"""A query's tree to conditions on runs: the fields there are, and what each means.

A field is looked up in ``FIELDS`` and nowhere else; columns are named here, never by a query.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q

from runs.models import Experiment, Run, User
from runs.models.run import Shelf
from runs.queries import prefix, search, survey, times  # noqa: F401 (prefix registers "begins")
from runs.queries.language import refused
from runs.queries.rows import ORDERS, short, single
from runs.queries.survey import Survey, is_me
from runs.queries.tree import AllOf, AnyOf, Condition, Not, Text, leaves
from studio.contract.words import Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from runs.queries.survey import Asking
    from runs.queries.tree import Node, Value

_LONGEST = timedelta(days=36_500)
_TIME_HINT = "For example created:>-7d, created:2026-11-01 or created:<2026-11-01T12:00Z (UTC)."
_DURATION_HINT = "For example duration:>2h; units are s, m, h, d and w."


Field = Callable[[Condition, Survey], Q]


def meant(tree: Node, asking: Asking) -> Q:
    """Return the condition that a run is meant by the query.

    Raises:
        Refused: a field that does not exist, or a value that it cannot have; says where.
    """
    return _meant(tree, survey.look(tree, asking))


def _meant(tree: Node, known: Survey) -> Q:
    match tree:
        case AllOf(nodes):
            found = Q()
            for node in nodes:
                found &= _meant(node, known)
            return found
        case AnyOf(nodes):
            found = _meant(nodes[0], known)
            for node in nodes[1:]:
                found |= _meant(node, known)
            return found
        case Not(node):
            return ~_meant(node, known)
        case Text(value):
            return search.contains(value.text, known.asking.workspace)
        case Condition():
            return _field(tree)(tree, known)


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


def _choice(find: Callable[[tuple[Value, ...], Survey], Q]) -> Field:
    """Return a field that is one of several values, or with ``!=`` none of them."""

    def build(condition: Condition, known: Survey) -> Q:
        _check_unnamed(condition)
        if condition.operator in ORDERS:
            reason = f"The field {condition.field} is compared by = or != only"
            raise refused(reason, condition.span.start, f"For example {condition.field}:value.")
        found = find(condition.names or condition.values, known)
        return ~found if condition.operator == "!=" else found

    return build


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


def _status(values: tuple[Value, ...], _: Survey) -> Q:
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


def _by_rows(condition: Condition, known: Survey) -> Q:
    found = known.rows[condition]
    if condition in known.common:
        return Q(Exists(found.filter(run=OuterRef("pk"))))
    return Q(pk__in=found.values("run"))


def _experiment(values: tuple[Value, ...], known: Survey) -> Q:
    alike = Experiment.objects.inside(known.asking.workspace).filter(_beginning("name", values))
    return Q(experiment__in=known.ids("experiment", values)) | Q(experiment__in=alike)


def _parent(values: tuple[Value, ...], known: Survey) -> Q:
    alike = Run.objects.inside(known.asking.workspace).filter(_beginning("run_id", values))
    return Q(parent__in=known.ids("parent", values)) | Q(parent__in=alike)


def _submitter(values: tuple[Value, ...], known: Survey) -> Q:
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


def _is(values: tuple[Value, ...], _: Survey) -> Q:
    found = Q()
    for value in values:
        if value.is_prefix or value.text not in IS:
            hint = _suggestion(value.text, IS)
            raise refused(f"A run is never {short(value)}", value.span.start, hint)
        found |= IS[value.text]
    return found


def _created(condition: Condition, known: Survey) -> Q:
    _check_unnamed(condition)
    if condition.operator in ORDERS:
        value = single(condition)
        begin, end = _stretch(value, known.asking.now)
        # What comes after a day begins when it has ended; up to a day is until it has ended.
        edge = end if condition.operator in (">", "<=") and begin != end else begin
        order = {">": "gte", "<=": "lt"} if begin != end else {}
        lookup = order.get(condition.operator, ORDERS[condition.operator])
        return Q(**{f"created_at__{lookup}": edge})
    found = Q()
    for value in condition.names or condition.values:
        begin, end = _stretch(value, known.asking.now)
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


def _duration(condition: Condition, known: Survey) -> Q:
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
    return Q(started_at__isnull=False) & (ended | lasting)


IS = {"child": Q(depth__gt=0), "archived": Q(shelf=Shelf.ARCHIVED)}
FIELDS: dict[str, Field] = {
    "status": _choice(_status),
    "tag": _by_rows,
    "property": _by_rows,
    "metric": _by_rows,
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
