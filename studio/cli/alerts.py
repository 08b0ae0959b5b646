"""The commands ``studio alert …``."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from studio.cli.connecting import workspace_of
from studio.cli.ending import NOT_FOUND, CommandError
from studio.cli.printing import show as print_result
from studio.cli.tables import span
from studio.sdk import _alert

if TYPE_CHECKING:
    import argparse

    from studio.sdk import Alert

_SAID = ("statuses", "longer_than", "filter", "include_children", "channel", "digest_minutes")


def show_all(asked: argparse.Namespace) -> None:
    """List the alerts of this person and of the workspace."""
    print_result(asked, [_told(alert) for alert in workspace_of(asked).alerts])


def show(asked: argparse.Namespace) -> None:
    """Show one alert."""
    print_result(asked, _told(_found(asked)))


def create(asked: argparse.Namespace) -> None:
    """Make an alert."""
    fields = {"name": asked.name, **_said(asked), "for_all": asked.for_all}
    print_result(asked, _told(_alert.create(workspace_of(asked), fields)))


def update(asked: argparse.Namespace) -> None:
    """Change what is asked for, and nothing else.

    Raises:
        CommandError: nothing is asked for.
    """
    fields = _said(asked)
    if asked.name is not None:
        fields["name"] = asked.name
    if asked.enable or asked.disable:
        fields["enabled"] = bool(asked.enable)
    if not fields:
        raise CommandError(
            "Nothing is to be changed; studio alert update --help lists what can be."
        )
    alert = _found(asked)
    alert.update(**fields)
    print_result(asked, _told(alert))


def delete(asked: argparse.Namespace) -> None:
    """Delete an alert."""
    alert = _found(asked)
    alert.delete()
    print_result(asked, _told(alert), f'The alert "{alert.name}" is deleted.')


def test(asked: argparse.Namespace) -> None:
    """Send a test."""
    print_result(asked, _found(asked).test())


def deliveries(asked: argparse.Namespace) -> None:
    """List what was sent."""
    print_result(asked, list(islice(_found(asked).deliveries(), max(0, asked.last))))


def retry(asked: argparse.Namespace) -> None:
    """Try to send something again."""
    print_result(asked, _found(asked).retry(asked.delivery))


def replay(asked: argparse.Namespace) -> None:
    """Send something once more."""
    print_result(asked, _found(asked).replay(asked.delivery))


def _found(asked: argparse.Namespace) -> Alert:
    alerts = workspace_of(asked).alerts
    found = [alert for alert in alerts if str(alert.id) == asked.alert]
    found = found or [alert for alert in alerts if alert.name == asked.alert]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(str(alert.id) for alert in found)
        raise CommandError(f'Several alerts are called "{asked.alert}"; give an id: {ids}.')
    names = ", ".join(f"{alert.id} {alert.name}" for alert in alerts[:20]) or "none"
    raise CommandError(f'There is no alert "{asked.alert}". Alerts: {names}.', NOT_FOUND)


def _said(asked: argparse.Namespace) -> dict[str, Any]:
    fields = {name: getattr(asked, name) for name in _SAID} | {"target": asked.address}
    if asked.metric is not None:
        fields |= dict(zip(("metric", "operator", "value"), asked.metric, strict=True))
    return {name: value for name, value in fields.items() if value is not None}


def _told(alert: Alert) -> dict[str, Any]:
    told = alert.get_details()
    return {**told, "when": _when(told)}


def _when(told: dict[str, Any]) -> str:
    if told["kind"] == "longer":
        return f"longer than {span(told['seconds'])}"
    if told["kind"] == "metric":
        return f"{told['metric']} {told['operator']} {told['value']:g}"
    return ", ".join(told["statuses"])
