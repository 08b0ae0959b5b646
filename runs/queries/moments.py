"""The conditions on when runs were made and how long they took."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, Subquery
from django.db.models.functions import Coalesce

from runs.models import Run
from runs.queries import times
from runs.queries.language import refused
from runs.queries.paging import BIGGEST_ID
from runs.queries.rows import ORDERS, check_unnamed, short, single
from runs.queries.survey import Ways, run_by_run

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from runs.queries.survey import Known
    from runs.queries.tree import Condition, Value

_LONGEST = timedelta(days=36_500)
_TIME_HINT = "For example created:>-7d, created:2026-11-01 or created:<2026-11-01T12:00Z (UTC)."
_DURATION_HINT = "For example duration:>2h; units are s, m, h, d and w."


def created(condition: Condition, known: Known) -> Ways:
    """Return the ways to runs made then."""
    check_unnamed(condition)
    if condition.operator in ORDERS:
        value = single(condition)
        begin, end = _stretch(value, known.asking.now)
        lookup, edge = ORDERS[condition.operator], begin
        if begin != end:
            # After a day is when it has ended, and up to a day is until then.
            lookup = "gte" if condition.operator in (">", ">=") else "lt"
            edge = end if condition.operator in (">", "<=") else begin
        found = Q(**{f"created_at__{lookup}": edge})
        older, newer = (edge, None) if lookup in ("lt", "lte") else (None, edge)
        return Ways(run_by_run(found) & _stretch_of_ids(newer, older, known), (runs(found, known),))
    found, by_run = Q(), Q(pk__in=[])
    for value in condition.names or condition.values:
        begin, end = _stretch(value, known.asking.now)
        if begin == end:
            hint = (
                f"Write created:>{value.text} for what is newer, created:<{value.text} for older."
            )
            raise refused("This is a moment, in which no run began", value.span.start, hint)
        then = Q(created_at__gte=begin, created_at__lt=end)
        found |= then
        by_run |= run_by_run(then) & _stretch_of_ids(begin, end, known)
    return Ways(by_run, (runs(found, known),), is_not=condition.operator == "!=")


def _stretch_of_ids(newer: datetime | None, older: datetime | None, known: Known) -> Q:
    """Return between which ids all runs lie that were made in a time.

    So the list is entered there, and not walked to it from the newest run.
    """
    found = Q()
    runs = Run.objects.inside(known.asking.workspace)
    with contextlib.suppress(OverflowError):
        if older is not None:
            beyond = runs.filter(created_at__gt=older + known.disorder).order_by("created_at")
            found &= Q(pk__lt=Coalesce(Subquery(beyond.values("pk")[:1]), BIGGEST_ID))
    with contextlib.suppress(OverflowError):
        if newer is not None:
            before = runs.filter(created_at__lt=newer - known.disorder).order_by("-created_at")
            found &= Q(pk__gt=Coalesce(Subquery(before.values("pk")[:1]), 0))
    return found


def _stretch(value: Value, now: datetime) -> tuple[datetime, datetime]:
    """Return begin and end of what is meant; a time before now is a moment, so both are one."""
    moment = times.before_now(value.text, now)
    found = (moment, moment) if moment is not None else times.stretch(value.text)
    if found is None or value.is_prefix:
        raise refused(f"{short(value)} is no time", value.span.start, _TIME_HINT)
    return found


def duration(condition: Condition, known: Known) -> Ways:
    """Return the ways to runs that took so long, or have lasted so long by now."""
    check_unnamed(condition)
    if condition.operator not in ORDERS:
        reason = "A duration is compared by >, >=, < or <="
        raise refused(reason, condition.span.start, _DURATION_HINT)
    value = single(condition)
    length = times.duration(value.text)
    if length is None or length > _LONGEST or value.is_prefix:
        raise refused(f"{short(value)} is no duration", value.span.start, _DURATION_HINT)
    order = ORDERS[condition.operator]
    ended = Q(**{f"seconds__{order}": length.total_seconds()})
    # A run that goes on has lasted until now.
    back = {"gt": "lt", "gte": "lte", "lt": "gt", "lte": "gte"}[order]
    lasting = Q(ended_at=None, **{f"started_at__{back}": known.asking.now - length})
    # Not true of no length either way round, so that it can be turned.
    known_length = Q(seconds__isnull=False) & run_by_run(ended)
    return Ways(known_length | lasting, (runs(ended, known), runs(lasting, known)))


def runs(found: Q, known: Known) -> QuerySet[Any, Any]:
    """Return the ids of what an index of runs finds."""
    return Run.objects.inside(known.asking.workspace).filter(found).values("pk")
