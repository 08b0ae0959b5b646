"""Alerts: who is told what about which runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.sdk._exceptions import UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio.sdk._workspace import Workspace

# What the studio calls it, by the name that it has here.
_FIELDS = {
    "name": "name",
    "statuses": "statuses",
    "longer_than": "seconds",
    "metric": "metric",
    "operator": "operator",
    "value": "value",
    "filter": "filter",
    "include_children": "includeChildren",
    "channel": "channel",
    "target": "target",
    "digest_minutes": "digestMinutes",
    "for_all": "forAll",
    "enabled": "enabled",
}
# What says which kind an alert is of.
_KINDS = {"statuses": "status", "seconds": "longer", "metric": "metric"}


class Alert:
    """An alert as it was looked up. ``ws.alerts`` and ``ws.create_alert`` give one."""

    def __init__(self, workspace: Workspace, told: dict[str, Any]) -> None:
        self.workspace = workspace
        self._keep(told)

    def _keep(self, told: dict[str, Any]) -> None:
        self._told = told
        self.id = int(told["id"])
        self.name = str(told["name"])
        self.enabled = bool(told["enabled"])
        # Why it was switched off, if nobody did.
        self.problem: str | None = told["problem"]
        # What webhooks are signed with; None for other channels, and for who may not change it.
        self.secret: str | None = told["secret"]

    def get_details(self) -> dict[str, Any]:
        """Return all that the studio says of it."""
        return dict(self._told)

    def update(self, **fields: Any) -> None:
        """Change what is named, as ``ws.create_alert`` names it, or ``enabled``.

        Raises:
            UserErrorException: an unknown name.
            ServiceException: the studio refuses, or somebody has changed it since; ``field`` says what.
        """
        body = {**written(fields), "version": self._told["version"]}
        self._keep(self._call("PATCH", json=body))

    def delete(self) -> None:
        """Delete it, with the list of what it has sent."""
        self._call("DELETE")

    def test(self) -> list[dict[str, Any]]:
        """Send a test to each address; six times a minute at most. Returns what is sent."""
        items: list[dict[str, Any]] = self._call("POST", "test", json={})["items"]
        return items

    def deliveries(self) -> Iterator[dict[str, Any]]:
        """Yield what it has sent in the last 30 days, newest first: title, state, tries, error."""
        return self.workspace._transport.pages("alerts", str(self.id), "messages")

    def retry(self, delivery: str) -> dict[str, Any]:
        """Try now to send what waits or was given up; returns the delivery of that id."""
        return self._call("POST", "messages", delivery, "retry", json={})

    def replay(self, delivery: str) -> dict[str, Any]:
        """Send once more what has arrived; returns the new delivery."""
        return self._call("POST", "messages", delivery, "replay", json={})

    def get_portal_url(self) -> str:
        """Return the address of its page."""
        return str(self._told["url"])

    def _call(self, method: str, *parts: str, **options: Any) -> dict[str, Any]:
        transport = self.workspace._transport
        told: dict[str, Any] = transport.api(
            method, "alerts", str(self.id), *parts, **options
        ).json()
        return told

    def __repr__(self) -> str:
        return f"Alert(id={self.id}, name={self.name!r}, enabled={self.enabled})"


def known(workspace: Workspace) -> list[Alert]:
    """Return the alerts of this person and those of the workspace, by name."""
    items = workspace._transport.api("GET", "alerts").json()["items"]
    return [Alert(workspace, item) for item in items]


def create(workspace: Workspace, fields: dict[str, Any]) -> Alert:
    """Make an alert of fields that are given."""
    told = workspace._transport.api("POST", "alerts", json=written(fields)).json()
    return Alert(workspace, told)


def written(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields as the studio names them, with the kind that they make.

    Raises:
        UserErrorException: an unknown name; more than one thing to wait for.
    """
    unknown = sorted(set(fields) - set(_FIELDS))
    if unknown:
        raise UserErrorException(f"An alert has no {unknown[0]!r}; it has {', '.join(_FIELDS)}.")
    body = {_FIELDS[name]: value for name, value in fields.items() if value is not None}
    kinds = [kind for name, kind in _KINDS.items() if name in body]
    if len(kinds) > 1:
        raise UserErrorException(
            "An alert waits for one thing: statuses, longer_than, or metric with operator and value."
        )
    if kinds:
        body["kind"] = kinds[0]
    if isinstance(body.get("statuses"), str):
        body["statuses"] = [body["statuses"]]
    elif "statuses" in body:
        body["statuses"] = list(body["statuses"])
    return body
