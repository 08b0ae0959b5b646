"""Their search for experiments. A workspace has few of them, so each is looked at."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

from pydantic import Field

from runs import access
from runs.api.mlflow import paging
from runs.api.mlflow.errors import Fault
from runs.api.mlflow.experiments import document, tags_of
from runs.api.mlflow.messages import Int64, Message
from runs.api.mlflow.search import View
from runs.api.mlflow.times import milliseconds
from runs.queries.mlflow_language import Unreadable, parse, parse_order

if TYPE_CHECKING:
    from runs.api.mlflow.door import Call
    from runs.models import Experiment
    from runs.queries.mlflow_language import Compared

_NUMERIC = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_TEXT = ("=", "!=", "LIKE", "ILIKE")
_NULL = ("IS NULL", "IS NOT NULL")
_VALUES: dict[str, Any] = {
    "name": lambda each: each.name,
    "experiment_id": lambda each: each.number,
    "creation_time": lambda each: milliseconds(each.created_at),
    "last_update_time": lambda each: milliseconds(each.changed_at),
}


class Search(Message):
    """Which experiments are asked for."""

    max_results: Int64 = 0
    filter: str = ""
    order_by: list[str] = Field(default_factory=list)
    page_token: str = ""
    view_type: View = "ACTIVE_ONLY"


def search(call: Call) -> dict[str, Any]:
    """Return a page of experiments."""
    asked = call.read(Search)
    limit, offset = paging.check_results(asked.max_results), paging.offset_of(asked.page_token)
    rows = access.experiments_of(call.actor, call.workspace)
    if asked.view_type != "ALL":
        rows = rows.active() if asked.view_type == "ACTIVE_ONLY" else rows.archived()
    try:
        wanted = parse(asked.filter)
        found = [each for each in rows if all(_meets(each, one) for one in wanted)]
        _sort(found, asked.order_by)
    except Unreadable as error:
        raise Fault(str(error)) from None
    shown, after = found[offset : offset + limit], offset + limit
    return {
        "experiments": [document(each) for each in shown],
        "next_page_token": paging.token_of(after) if after < len(found) else None,
    }


def _sort(found: list[Experiment], order_by: list[str]) -> None:
    # The last key first: Python's sort leaves what is alike in its order.
    if not order_by:
        found.sort(key=lambda each: (-milliseconds(each.created_at), each.number))
        return
    found.sort(key=lambda each: -each.number)
    for text in reversed(order_by):
        entity, key, down = parse_order(text)
        found.sort(key=_VALUES[_attribute(entity, key)], reverse=down)


def _attribute(entity: str, key: str) -> str:
    if entity not in ("", "attribute") or key not in _VALUES:
        reason = f"Valid keys are '{sorted(_VALUES)}'"
        raise Unreadable(f"Invalid attribute key '{key[:100]}' specified. {reason}")
    return key


def _meets(each: Experiment, one: Compared) -> bool:
    if one.entity in ("tag", "tags"):
        tags = tags_of(each)
        if one.operator in _NULL:
            return (one.key in tags) is (one.operator == "IS NOT NULL")
        return _is_like(tags.get(one.key) or "", one) and one.key in tags
    key = _attribute(one.entity, one.key)
    value = _VALUES[key](each)
    if key == "name":
        return _is_like(value, one)
    if key == "experiment_id":
        return _is_id(value, one)
    compare = _NUMERIC.get(one.operator)
    if compare is None or one.number is None:
        raise Unreadable(f"Expected numeric value type for attribute. Found {one.raw}")
    return bool(compare(value, one.number))


def _is_id(number: int, one: Compared) -> bool:
    texts = one.texts or ((one.text,) if one.text is not None else ())
    if one.operator not in ("=", "!=", "IN", "NOT IN") or not all(t.isdecimal() for t in texts):
        raise Unreadable(f"Invalid value '{one.raw}' for experiment_id: it should be an integer.")
    return (str(number) in texts) is (one.operator in ("=", "IN"))


def _is_like(value: str, one: Compared) -> bool:
    if one.operator not in _TEXT:
        raise Unreadable(f"Invalid comparator '{one.operator}' not one of '{set(_TEXT)}'")
    if one.text is None:
        raise Unreadable(f"Expected a quoted string value for attribute. Got value {one.raw}")
    if one.operator in ("=", "!="):
        return (value == one.text) is (one.operator == "=")
    pattern = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in one.text)
    flags = re.S | (re.I if one.operator == "ILIKE" else 0)
    return re.fullmatch(re.sub(r"(?:\.\*)+", ".*", pattern), value, flags) is not None
