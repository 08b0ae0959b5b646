"""What the studio knows of a run: its names, status, tags, properties and parameters."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from studio.contract import words
from studio.sdk import _metrics, _shown
from studio.sdk._exceptions import ServiceException, UserErrorException
from studio.sdk._files import Files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio.sdk._experiment import Experiment
    from studio.sdk._transport import Transport

_TERMINAL = {status.value for status in words.TERMINAL}


class Record(Files):
    """The part of a run that is looked at and labelled."""

    def _keep(self, experiment: Experiment, told: dict[str, Any]) -> None:
        self.experiment = experiment
        self.id: str = told["runId"]
        self._told = told
        self._transport: Transport = experiment.workspace._transport

    @property
    def number(self) -> int:
        """The run's number in its experiment, from 1."""
        return int(self._told["runNumber"])

    @property
    def name(self) -> str:
        """The run's name; ``display_name`` is what pages show."""
        return str(self._told["name"])

    @property
    def type(self) -> str:
        """The kind of run, "" for one that its own script leads."""
        return str(self._told["runType"])

    @property
    def status(self) -> str:
        """The status as last seen; ``get_status`` asks the studio."""
        return str(self._told["status"])

    @property
    def display_name(self) -> str:
        """The name that pages show. May be set."""
        return str(self._told["displayName"])

    @display_name.setter
    def display_name(self, value: str) -> None:
        self._edit(displayName=value)

    @property
    def description(self) -> str:
        """The description, in Markdown. May be set."""
        return str(self._told["description"])

    @description.setter
    def description(self, value: str) -> None:
        self._edit(description=value)

    @property
    def tags(self) -> dict[str, str | None]:
        """The tags as last seen."""
        return dict(self._told["tags"])

    @property
    def properties(self) -> dict[str, str]:
        """The properties as last seen."""
        return dict(self._told["properties"])

    @property
    def parameters(self) -> dict[str, str]:
        """What the run is configured with, as last seen."""
        return dict(self._told["parameters"])

    def get_portal_url(self) -> str:
        """Return the address of the run's page."""
        return str(self._told["url"])

    def get_status(self) -> str:
        """Return the status now; the studio is not asked once the run has ended."""
        if self.status not in _TERMINAL:
            self._refresh()
        return self.status

    def get_detailed_status(self) -> dict[str, str | None]:
        """Return the status now, and what is known of its place in a queue, as ``details``."""
        queueing = self._refresh()["queueingInfo"] or {}
        return {"status": self.status, "details": queueing.get("message")}

    def get_details(self) -> dict[str, Any]:
        """Return what the studio knows, under the keys of Azure's ``get_details``."""
        return _metrics.details(self._refresh(), self._files())

    def get_details_with_logs(self) -> dict[str, Any]:
        """Return the details, with what the logs say in place of their addresses."""
        told = self.get_details()
        logs = {name: self._content(name).decode("utf-8", "replace") for name in told["logFiles"]}
        return {**told, "logFiles": logs}

    def get_tags(self) -> dict[str, str | None]:
        """Return the tags now."""
        self._refresh()
        return self.tags

    def get_properties(self) -> dict[str, str]:
        """Return the properties now."""
        self._refresh()
        return self.properties

    def get_parameters(self) -> dict[str, str]:
        """Return what the run is configured with, now."""
        self._refresh()
        return self.parameters

    def tag(self, key: str, value: object = None) -> None:
        """Set a tag; without a value it is a label."""
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, object]) -> None:
        """Set several tags; others stay."""
        from studio.sdk._start import tag_values

        told = self._transport.run("PUT", self.id, "tags", json=tag_values(tags)).json()
        self._told["tags"] = told["tags"]

    def remove_tags(self, tags: Sequence[str]) -> None:
        """Remove tags by key."""
        keys = {"keys": list(tags)}
        self._told["tags"] = self._transport.run("DELETE", self.id, "tags", json=keys).json()[
            "tags"
        ]

    def add_properties(self, properties: Mapping[str, object]) -> None:
        """Add properties, which never change afterwards.

        Raises:
            UserErrorException: one is there with another value.
        """
        if not properties:
            return
        for key, value in properties.items():
            if not isinstance(value, str):
                said = f'The value of property "{key}" is kept as the text "{value}".'
                warnings.warn(said, stacklevel=2)
        body = {key: str(value) for key, value in properties.items()}
        try:
            told = self._transport.run("POST", self.id, "properties", json=body).json()
        except ServiceException as error:
            if error.code == "property_immutable":
                raise UserErrorException(str(error)) from None
            raise
        self._told["properties"] = told["properties"]

    def _edit(self, **fields: str) -> None:
        self._told = self._transport.run("PATCH", self.id, json=fields).json()

    def _refresh(self) -> dict[str, Any]:
        self._told = self._transport.run("GET", self.id).json()
        return self._told

    def _repr_html_(self) -> str:
        return _shown.table(
            {
                "Experiment": self.experiment.name,
                "Id": self.id,
                "Type": self.type,
                "Status": self.status,
                "Details Page": _shown.link(self.get_portal_url(), "Run in the studio"),
                "Docs Page": _shown.link(f"{self._transport.url}/help/sdk/", "Help"),
            }
        )

    def __repr__(self) -> str:
        return (
            f"Run(Experiment: {self.experiment.name},\nId: {self.id},\n"
            f"Type: {self.type or None},\nStatus: {self.status})"
        )
