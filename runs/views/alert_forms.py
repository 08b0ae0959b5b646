"""The form of an alert: what was typed becomes what a rule should say, and back."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from runs.actions.alert_rules import Wanted
from runs.actions.refused import Refused
from runs.actions.text import finite_number
from runs.models.alert import Channel, Kind
from studio.contract.errors import Code
from studio.contract.words import Status

if TYPE_CHECKING:
    from django.http import QueryDict

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SPAN = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,3})?)\s*([smhd]?)", re.ASCII)
NEW = Wanted("", statuses=(Status.FAILED.value,))


def typed(asked: QueryDict) -> dict[str, Any]:
    """Return the fields as they were typed, for a form that is shown again."""
    texts = ("name", "kind", "longer", "metric", "operator", "value", "query", "channel", "target")
    return {
        **{name: asked.get(name, "").strip() for name in texts},
        "statuses": asked.getlist("statuses"),
        "children": asked.get("children") == "true",
        "digest_minutes": asked.get("digest_minutes", "0"),
        "for_all": asked.get("for_all") == "true",
        "enabled": True,
    }


def filled(wanted: Wanted) -> dict[str, Any]:
    """Return the fields of a form that shows a rule."""
    shown = asdict(wanted)
    shown["longer"] = _written(shown.pop("seconds"))
    shown["value"] = "" if wanted.value is None else f"{wanted.value:.15g}"
    return shown | {"digest_minutes": str(wanted.digest_minutes)}


def wanted_of(fields: dict[str, Any], *, enabled: bool = True) -> Wanted:
    """Return what the typed fields ask for; what belongs to another kind is not looked at.

    Raises:
        Refused: a time or a number that is none.
    """
    kind = fields["kind"]
    digest = fields["digest_minutes"]
    is_own_mail = fields["channel"] == Channel.EMAIL and not fields["for_all"]
    return Wanted(
        name=fields["name"],
        kind=kind,
        statuses=tuple(fields["statuses"]) if kind == Kind.STATUS else (),
        seconds=_seconds(fields["longer"]) if kind == Kind.LONGER else None,
        metric=fields["metric"] if kind == Kind.METRIC else "",
        operator=fields["operator"] if kind == Kind.METRIC else "",
        value=_number(fields["value"]) if kind == Kind.METRIC else None,
        query=fields["query"],
        children=fields["children"],
        channel=fields["channel"],
        # A field that another channel has left behind is not meant.
        target="" if is_own_mail else fields["target"],
        digest_minutes=int(digest) if digest.isascii() and digest.isdigit() else -1,
        for_all=fields["for_all"],
        enabled=enabled,
    )


def _seconds(text: str) -> float:
    found = _SPAN.fullmatch(text.lower())
    if found is None:
        reason = "How long is a number and a unit."
        raise Refused(Code.BAD_REQUEST, reason, field="seconds", hint="For example 2h or 90m.")
    return float(found[1]) * _UNITS[found[2] or "s"]


def _number(text: str) -> float:
    number = finite_number(text)
    if number is None:
        raise Refused(Code.BAD_REQUEST, "A metric is compared with a number.", field="value")
    return number


def _written(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for unit in ("d", "h", "m"):
        if seconds % _UNITS[unit] == 0:
            return f"{seconds / _UNITS[unit]:g}{unit}"
    return f"{seconds:g}s"
