"""What MLflow's comparisons and orders mean of runs: our own conditions where we have them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.db.models.lookups import IsNull

from runs.models import Metric, RunParameter, RunProperty, RunTag
from runs.queries import like  # noqa: F401 (registers the lookups)
from runs.queries.mlflow_language import Compared, Unreadable
from runs.queries.tree import Condition, Not, literal
from runs.queries.tree import Value as Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from runs.queries.tree import Node

ENTITIES = {
    **dict.fromkeys(("metric", "metrics"), "metric"),
    **dict.fromkeys(("parameter", "parameters", "param", "params"), "parameter"),
    **dict.fromkeys(("tag", "tags"), "tag"),
    **dict.fromkeys(("", "attribute", "attributes", "attr", "run"), "attribute"),
    **dict.fromkeys(("dataset", "datasets"), "dataset"),
}
_TEXTS = ("run_id", "run_name", "status", "artifact_uri", "user_id")
_TIMES = {"start_time": "started_at", "end_time": "ended_at"}
_ALIASES = {"created": "start_time", "run name": "run_name"}
_NUMERIC = ("=", "!=", ">", ">=", "<", "<=")
_LIKE = ("LIKE", "ILIKE")
_NULL = ("IS NULL", "IS NOT NULL")
_IN = ("IN", "NOT IN")
# A property: who they say has started it, which need not be who logs.
USER_ID = "mlflow.user_id"
# What is a tag to them and a field of a run to us.
_FIELD_TAGS = {
    "mlflow.runName": "display_name",
    "mlflow.note.content": "description",
    "mlflow.parentRunId": "parent__run_id",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# Farther than any calendar of a database needs to go.
_FAR = 6e13


def terms(
    found: tuple[Compared, ...], statuses: Callable[[str], list[str]]
) -> tuple[list[Node], Q]:
    """Return the comparisons as terms of a query, and what our language has no words for.

    ``statuses`` tells which of ours are a status of theirs.

    Raises:
        Unreadable: an entity, a key, an operator or a value that cannot be.
    """
    nodes: list[Node] = []
    rest = Q()
    for one in found:
        meant = _meant(one, statuses)
        if isinstance(meant, Q):
            rest &= meant
        else:
            nodes.append(meant)
    return nodes, rest


def entity_of(one_entity: str) -> str:
    """Return what an entity is called; refuses one that does not exist."""
    known = ENTITIES.get(one_entity)
    if known is None:
        valid = sorted(set(ENTITIES.values()))
        raise Unreadable(f"Invalid entity type '{one_entity[:100]}'. Valid values are {valid}")
    return known


def attribute_of(key: str) -> str:
    """Return the attribute that a key means; refuses one that does not exist."""
    name = _ALIASES.get(key.lower(), key)
    if name not in (*_TEXTS, *_TIMES):
        valid = {*_TEXTS, *_TIMES}
        reason = f"Valid keys are '{sorted(valid)}'"
        raise Unreadable(f"Invalid attribute key '{key[:100]}' specified. {reason}")
    return name


def order_parts(entity: str, key: str) -> list[Any]:
    """Return by which expressions a key sorts; the first says what comes last whichever way."""
    kind = entity_of(entity)
    if kind == "dataset":
        raise Unreadable("Invalid identifier type 'dataset'")
    if kind == "attribute":
        name = attribute_of(key)
        value: Any = F(_TIMES[name]) if name in _TIMES else F(_COLUMNS.get(name, name))
        if name == "user_id":
            value = _user_id()
        return [_last(value, 1), value]
    if kind == "metric":
        rows = Metric.objects.filter(run=OuterRef("pk"), name=key)
        value = Subquery(rows.values("last_number")[:1])
        # NaN stands behind the numbers, and before the runs without the metric.
        return [Case(When(~Exists(rows), then=2), When(_is_null(value), then=1), default=0), value]
    if kind == "tag" and key in _FIELD_TAGS:
        value = NullIf(F(_FIELD_TAGS[key]), Value(""), output_field=TextField())
        return [_last(value, 1), value]
    model: Any = RunTag if kind == "tag" else RunParameter
    value = Subquery(model.objects.filter(run=OuterRef("pk"), key=key).values("value_start")[:1])
    return [_last(value, 1), value]


_COLUMNS = {"run_id": "run_id", "run_name": "display_name", "artifact_uri": "run_id"}


def _last(value: Any, number: int) -> Any:
    return Case(When(_is_null(value), then=number), default=0)


def _is_null(value: Any) -> Any:
    return IsNull(value, True)


def _meant(one: Compared, statuses: Callable[[str], list[str]]) -> Node | Q:
    match entity_of(one.entity):
        case "metric":
            return _metric(one)
        case "parameter":
            return _label(one, "param", "parameter", RunParameter)
        case "tag" if one.key in _FIELD_TAGS:
            return _field_tag(one)
        case "tag":
            return _label(one, "tag", "tag", RunTag)
        case "dataset":
            if one.key not in ("name", "digest", "context"):
                raise Unreadable(f"Invalid dataset key '{one.key[:100]}' specified")
            # No run has an input yet.
            _check_operator(one, ("=", "!=", *_LIKE, *_IN))
            return Q(pk__in=[])
    return _attribute(one, statuses)


def _metric(one: Compared) -> Node:
    if one.operator in _NULL:
        reason = "IS NULL / IS NOT NULL is only supported for tags and params, not for"
        raise Unreadable(f"{reason} 'metric' '{one.key}'")
    _check_operator(one, _NUMERIC)
    if one.number is None:
        raise Unreadable(f"Expected numeric value type for metric. Found {one.raw}")
    # The part is said, so that a name may end as a part does.
    return Condition("metric", (literal(f"{one.key}.last"),), one.operator, (Word(one.raw),))


def _label(one: Compared, field: str, noun: str, model: Any) -> Node | Q:
    if one.operator in _NULL:
        has = Condition(field, (literal(one.key),))
        return Not(has) if one.operator == "IS NULL" else has
    _check_operator(one, ("=", "!=", *_LIKE))
    text = _quoted(one, noun)
    if one.operator in _LIKE:
        rows = model.objects.filter(run=OuterRef("pk"), key=one.key)
        return Q(Exists(rows.filter(_like("value", one.operator, text))))
    return Condition(field, (literal(one.key),), one.operator, (literal(text),))


def _field_tag(one: Compared) -> Q:
    """Return the condition on a tag that is a field of ours, or of a parent that is not there a tag."""
    column = _FIELD_TAGS[one.key]
    rows = RunTag.objects.filter(run=OuterRef("pk"), key=one.key)
    has = ~Q(**{column: ""}) & Q(**{f"{column}__isnull": False})
    if one.operator in _NULL:
        found = has | Q(Exists(rows))
        return ~found if one.operator == "IS NULL" else found
    _check_operator(one, ("=", "!=", *_LIKE))
    return (has & _text(one, column, "tag")) | Q(Exists(rows.filter(_text(one, "value", "tag"))))


def _attribute(one: Compared, statuses: Callable[[str], list[str]]) -> Node | Q:
    name = attribute_of(one.key)
    if name in _TIMES:
        return _time(one, _TIMES[name])
    if one.operator in _IN:
        if name != "run_id":
            only = "attributes support comparison with a list of quoted string values."
            raise Unreadable(f"Only ['run_id'] {only}")
        found = Q(run_id__in=one.texts)
        return found if one.operator == "IN" else ~found
    _check_operator(one, ("=", "!=", *_LIKE))
    if name == "status":
        return _status(one, statuses)
    if name == "run_id" and one.operator == "=":
        return Condition("id", (literal(_quoted(one, "attribute")),))
    if name == "user_id":
        rows = RunProperty.objects.filter(run=OuterRef("pk"), key=USER_ID)
        said = Q(Exists(rows.filter(_text(one, "value", "attribute"))))
        return said | (Q(~Exists(rows)) & _text(one, "created_by__username", "attribute"))
    if name == "artifact_uri":
        return _artifact_uri(one)
    return _text(one, _COLUMNS[name], "attribute")


def _status(one: Compared, statuses: Callable[[str], list[str]]) -> Q:
    asked = _quoted(one, "attribute")
    words = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")
    if one.operator in _LIKE:
        flags = re.I if one.operator == "ILIKE" else 0
        pattern = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in asked)
        meant = [word for word in words if re.fullmatch(pattern, word, flags)]
    else:
        meant = [word for word in words if word == asked]
    found = Q(status__in=[ours for word in meant for ours in statuses(word)])
    return ~found if one.operator == "!=" else found


def _artifact_uri(one: Compared) -> Q:
    asked = re.fullmatch(
        r"mlflow-artifacts:/(\d{1,9})/([^/]+)/artifacts", _quoted(one, "attribute")
    )
    if one.operator in _LIKE:
        raise Unreadable("Invalid comparator 'LIKE' not one of '['!=', '=']' for artifact_uri")
    found = Q(pk__in=[])
    if asked:
        found = Q(experiment__number=int(asked[1]), run_id=asked[2])
    return ~found if one.operator == "!=" else found


def _time(one: Compared, column: str) -> Q:
    _check_operator(one, _NUMERIC)
    if one.number is None:
        raise Unreadable(f"Expected numeric value type for attribute. Found {one.raw}")
    at = _EPOCH + timedelta(milliseconds=min(max(one.number, -_FAR), _FAR))
    if one.operator in ("=", "!="):
        # To the millisecond, which is all that they can say.
        found = Q(**{f"{column}__gte": at, f"{column}__lt": at + _MILLISECOND})
        has = Q(**{f"{column}__isnull": False})
        return found if one.operator == "=" else has & ~found
    edge = at + _MILLISECOND if one.operator in (">", "<=") else at
    lookup = {">": "gte", ">=": "gte", "<": "lt", "<=": "lt"}[one.operator]
    return Q(**{f"{column}__{lookup}": edge})


def _text(one: Compared, column: str, noun: str) -> Q:
    text = _quoted(one, noun)
    if one.operator in _LIKE:
        return _like(column, one.operator, text)
    found = Q(**{column: text})
    return found if one.operator == "=" else ~found


def _like(column: str, operator: str, pattern: str) -> Q:
    return Q(**{f"{column}__{'like' if operator == 'LIKE' else 'ilike'}": pattern})


def _quoted(one: Compared, noun: str) -> str:
    if one.text is None:
        example = "Expected a quoted string value for"
        raise Unreadable(f"{example} {noun} (e.g. 'my-value'). Got value {one.raw}")
    return one.text


def _check_operator(one: Compared, known: tuple[str, ...]) -> None:
    if one.operator not in known:
        raise Unreadable(f"Invalid comparator '{one.operator}' not one of '{set(known)}'")


def _user_id() -> Any:
    rows = RunProperty.objects.filter(run=OuterRef("pk"), key=USER_ID)
    return Coalesce(Subquery(rows.values("value_start")[:1]), F("created_by__username"))
