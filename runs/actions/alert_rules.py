"""What an alert rule may say: each field that a person fills in, checked by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.models.alert import OPERATORS, Channel, Kind
from runs.outside import address
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from runs.models import AlertRule

_MOST_SECONDS = 366 * 24 * 3_600.0
_BIGGEST = 1e300
DIGESTS = (0, 5, 15, 60, 1_440)
_ADDRESSES = 10
_SHORTEST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a rule should say; the fields are those of ``AlertRule``."""

    name: str
    kind: str = Kind.STATUS.value
    statuses: tuple[str, ...] = ()
    seconds: float | None = None
    metric: str = ""
    operator: str = ""
    value: float | None = None
    query: str = ""
    children: bool = False
    channel: str = Channel.EMAIL.value
    target: str = ""
    digest_minutes: int = 0
    for_all: bool = False
    enabled: bool = True

    @classmethod
    def of(cls, rule: AlertRule) -> Wanted:
        """Return what a rule says now."""
        fields: dict[str, Any] = {name: getattr(rule, name) for name in cls.__slots__}
        return cls(**fields | {"statuses": tuple(rule.statuses)})


def checked(wanted: Wanted) -> dict[str, Any]:
    """Return the fields to be stored; what does not belong to its kind is left out.

    Whether its query can be meant, the caller has asked.

    Raises:
        Refused: a field that breaks its rule.
    """
    kind = _choice(Kind, wanted.kind, "kind")
    channel = _choice(Channel, wanted.channel, "channel")
    check_text(wanted.name, "name", limits.VIEW_NAME, shortest=1)
    check_text(wanted.query, "filter", limits.ALERT_QUERY)
    if wanted.digest_minutes not in DIGESTS:
        known = ", ".join(map(str, DIGESTS))
        reason = f"Messages are gathered for one of {known} minutes."
        raise Refused(Code.BAD_REQUEST, reason, field="digestMinutes")
    return {
        "name": wanted.name,
        "query": wanted.query,
        "children": wanted.children,
        "kind": kind.value,
        **_NOTHING,
        **_CHECKS[kind](wanted),
        "channel": channel.value,
        "target": _target(channel, wanted.target, for_all=wanted.for_all),
        "digest_minutes": wanted.digest_minutes,
        "for_all": wanted.for_all,
        "enabled": wanted.enabled,
    }


def addresses(target: str) -> list[str]:
    """Return the addresses of e-mail that a target has, divided by commas."""
    return [part.strip() for part in target.split(",") if part.strip()]


_NOTHING: dict[str, Any] = {
    "statuses": [],
    "seconds": None,
    "metric": "",
    "operator": "",
    "value": None,
}


def _of_status(wanted: Wanted) -> dict[str, Any]:
    known = [status.value for status in Status]
    unknown = [word for word in wanted.statuses if word not in known]
    if unknown or not wanted.statuses:
        reason = f'There is no status "{unknown[0][:50]}".' if unknown else "Choose a status."
        hint = f"Statuses are {', '.join(known)}."
        raise Refused(Code.BAD_REQUEST, reason, field="statuses", hint=hint)
    return {"statuses": [word for word in known if word in wanted.statuses]}


def _of_longer(wanted: Wanted) -> dict[str, Any]:
    if wanted.seconds is None or not _SHORTEST_SECONDS <= wanted.seconds <= _MOST_SECONDS:
        reason = "How long a run may take is 1 second to 366 days."
        raise Refused(Code.BAD_REQUEST, reason, field="seconds", hint="For example 2h or 90m.")
    return {"seconds": wanted.seconds}


def _of_metric(wanted: Wanted) -> dict[str, Any]:
    check_text(wanted.metric, "metric", limits.METRIC_NAME, shortest=1)
    if wanted.operator not in OPERATORS:
        reason = f"A metric is compared by one of {', '.join(OPERATORS)}."
        raise Refused(Code.BAD_REQUEST, reason, field="operator")
    if wanted.value is None or not -_BIGGEST <= wanted.value <= _BIGGEST:
        raise Refused(Code.BAD_REQUEST, "A metric is compared with a number.", field="value")
    return {"metric": wanted.metric, "operator": wanted.operator, "value": wanted.value}


_CHECKS: dict[Kind, Callable[[Wanted], dict[str, Any]]] = {
    Kind.STATUS: _of_status,
    Kind.LONGER: _of_longer,
    Kind.METRIC: _of_metric,
}


def _choice(kind: type[Kind] | type[Channel], text: str, field: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(choice.value for choice in kind)
        reason = f"This is one of {known}."
        raise Refused(Code.BAD_REQUEST, reason, field=field) from None


def _target(channel: Channel, text: str, *, for_all: bool) -> str:
    check_text(text, "target", limits.ALERT_TARGET)
    if channel is not Channel.EMAIL:
        address.read(text, "target")
        return text
    if not for_all:
        if text:
            reason = "An alert of your own goes to your own address."
            raise Refused(Code.BAD_REQUEST, reason, field="target", hint="Leave it out.")
        return ""
    found = addresses(text)
    if not 1 <= len(found) <= _ADDRESSES:
        reason = f"An alert of the workspace mails 1 to {_ADDRESSES} addresses."
        raise Refused(Code.BAD_REQUEST, reason, field="target", hint="Divide them by commas.")
    for each in found:
        try:
            validate_email(each)
        except ValidationError:
            reason = f'"{each[:100]}" is no address of e-mail.'
            raise Refused(Code.BAD_REQUEST, reason, field="target") from None
    return ", ".join(dict.fromkeys(found))
