"""Rows of tags, properties, parameters and metrics that a condition means: runs are found by them.

Asked for among all (``placed``), rows are named by workspace or experiment and name, as the covering
indexes are. Of one run, the index of its keys tells whether it has one, and nothing else is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from runs.actions.text import NUMBER, finite_number
from runs.models import Metric, RunParameter, RunProperty, RunTag
from runs.queries import prefix  # noqa: F401 (registers the lookup "begins")
from runs.queries.language import refused
from studio.contract import limits

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from runs.queries.survey import Known
    from runs.queries.tree import Condition, Value

    Label = RunTag | RunProperty
    Labels = QuerySet[Any]  # of that model

ORDERS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
_NOT_FINITE = {
    "nan": "nan",
    **dict.fromkeys(("inf", "+inf", "infinity", "+infinity"), "inf"),
    **dict.fromkeys(("-inf", "-infinity"), "-inf"),
}
# The word for what a field asks for, where the two differ.
NOUNS = {"param": "parameter"}
# From here on, neighbours among whole numbers are one float.
_ALIKE = 2.0**53
_PARTS = {"last": "last_number", "min": "low", "max": "high"}


def _label_value(text: str | None, *, is_prefix: bool = False) -> Q:
    """Return the condition on the value of a label; None is a tag without one."""
    if text is None:
        return Q(value_start=None)
    # The index holds the beginning of a value: all of it, unless that is as long as it can be.
    start = text[: limits.VALUE_START]
    if is_prefix:
        rest = Q(value__begins=text) if len(text) > len(start) else Q()
        return Q(value_start__begins=start) & rest
    rest = Q(value=text) if len(start) == limits.VALUE_START else Q()
    return Q(value_start=start) & rest


def labels(condition: Condition, model: type[Label]) -> Labels:
    """Return the tags or properties that are meant; ``!=`` is the key with another value or none."""
    keys = [_exact(name) for name in condition.names]
    found = model._default_manager.filter(key__in=keys)
    if not condition.operator:
        return found
    _check_name(condition)
    if condition.operator in ORDERS:
        reason = f"The values of a {condition.field} are texts, compared by = or !="
        hint = "Numbers to compare are logged as a metric or a parameter."
        raise refused(reason, condition.span.start, hint)
    value_is = _label_value(None) if not condition.values else Q()
    for value in condition.values:
        value_is |= _label_value(value.text, is_prefix=value.is_prefix)
    return found.filter(value_is if condition.operator == "=" else ~value_is)


def parameters(condition: Condition) -> QuerySet[RunParameter]:
    """Return the parameters that are meant: numbers by what they are, all others by their text."""
    keys = [_exact(name) for name in condition.names]
    found = RunParameter.objects.filter(key__in=keys)
    if not condition.operator:
        return found
    _check_name(condition)
    _check_values(condition)
    if condition.operator in ORDERS:
        return found.filter(_ordered(condition, "number"))
    value_is = Q()
    for value in condition.values:
        value_is |= _parameter_value(value)
    return found.filter(value_is if condition.operator == "=" else ~value_is)


def _parameter_value(value: Value) -> Q:
    is_text = value.is_quoted or value.is_prefix
    number = None if is_text else finite_number(value.text)
    if number is None or abs(number) >= _ALIKE:
        return _label_value(value.text, is_prefix=value.is_prefix)
    return Q(number=number)


def metrics(condition: Condition) -> QuerySet[Metric]:
    """Return the metrics that are meant, by name, and by last, least or most value.

    The number is ``name``, ``name.min`` or ``name.max``; ``name.last`` is ``name``.
    """
    names = [_exact(name) for name in condition.names]
    found, column = Q(), _PARTS["last"]
    if condition.operator:
        _check_name(condition)
        name, column = metric_column(names[0])
        names, found = [name], _measured(condition, column)
    return Metric.objects.filter(found, name__in=names)


def placed(rows: Labels, condition: Condition, known: Known) -> Labels:
    """Return the rows that lie where is asked: in the experiments that are meant, if some are."""
    # The least and most values of one experiment stand in no index.
    is_metric = condition.field == "metric" and condition.operator
    is_narrow = not is_metric or metric_column(condition.names[0].text)[1] == _PARTS["last"]
    if known.within is None or not is_narrow:
        return rows.filter(workspace=known.asking.workspace)
    return rows.filter(experiment__in=known.within)


def metric_column(text: str) -> tuple[str, str]:
    """Return the name of a metric and the column of the number that is meant."""
    name, _, part = text.rpartition(".")
    return (name, _PARTS[part]) if name and part in _PARTS else (text, _PARTS["last"])


def _measured(condition: Condition, column: str) -> Q:
    _check_values(condition)
    if condition.operator in ORDERS:
        return _ordered(condition, column)
    found = Q()
    for value in condition.values:
        found |= _equal(value, column)
    return found if condition.operator == "=" else ~found


def _ordered(condition: Condition, column: str) -> Q:
    value = single(condition)
    number = _number(value)
    if number is None:
        reason = f"Expected here is a number, not {short(value)}"
        hint = f"For example {condition.field}:{condition.names[0].text[:50]}>0.9."
        raise refused(reason, value.span.start, hint)
    return Q(**{f"{column}__{ORDERS[condition.operator]}": number})


def _equal(value: Value, column: str) -> Q:
    number = _number(value)
    if number is not None:
        return Q(**{column: number})
    if column != _PARTS["last"]:
        reason = f"Expected here is a number, not {short(value)}"
        raise refused(reason, value.span.start, "A least or most value is a number.")
    # What is no finite number is kept as a text.
    found = Q(last_number=None)
    if value.is_prefix:
        return found & Q(last_text__begins=value.text)
    is_word = not value.is_quoted
    text = _NOT_FINITE.get(value.text.lower(), value.text) if is_word else value.text
    return found & Q(last_text=text)


def _number(value: Value) -> float | None:
    if value.is_quoted or value.is_prefix or not NUMBER.fullmatch(value.text):
        return None
    number = float(value.text)
    if number - number != 0:
        raise refused("This number is too large", value.span.start)
    return number


def check_unnamed(condition: Condition) -> None:
    """Refuse a name and a value, where one of them is meant."""
    if condition.names and condition.operator:
        place = condition.names[-1].span.end
        hint = f'Put a value in quotes, as in {condition.field}:"a=b".'
        raise refused(f"A value of {condition.field} is not compared again", place, hint)


def single(condition: Condition) -> Value:
    """Return the one value that an order needs."""
    if len(condition.values) > 1:
        hint = 'Say which are meant by "=", or write one condition each, divided by OR.'
        reason = f"One value is compared by {condition.operator}"
        raise refused(reason, condition.values[1].span.start, hint)
    return condition.values[0]


def short(value: Value) -> str:
    """Return a value for a sentence about it."""
    return f'"{value.text[:50]}"'


def _check_values(condition: Condition) -> None:
    if not condition.values:
        raise refused("A value is missing", condition.span.end - 1)


def _check_name(condition: Condition) -> None:
    noun = NOUNS.get(condition.field, condition.field)
    if not condition.names:
        hint = (
            f"For example {condition.field}:name{condition.operator}…, with the name of the {noun}."
        )
        raise refused(f"Which {noun} is compared?", condition.span.start, hint)
    if len(condition.names) > 1:
        hint = "Write one condition each."
        raise refused(f"One {noun} is compared at a time", condition.names[1].span.start, hint)


def _exact(name: Value) -> str:
    if name.is_prefix:
        hint = f'A name that ends with a star stands in quotes: "{name.text[:50]}*".'
        raise refused('A "*" stands for the end of a value, not of a name', name.span.end - 1, hint)
    return name.text
