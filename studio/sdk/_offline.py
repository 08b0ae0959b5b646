"""The run of a script that was not submitted: same calls, nothing leaves this process."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from studio.sdk import _metrics
from studio.sdk._logging import Logging

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType


class OfflineRun(Logging):
    """Prints what it is given and remembers it, so that a script runs the same at a desk."""

    def __init__(self, run_id: str = "") -> None:
        self.id = run_id or f"OfflineRun_{uuid.uuid4()}"
        self.tags: dict[str, str | None] = {}
        self.properties: dict[str, str] = {}
        self.parent: OfflineRun | None = None
        self.status = "Running"
        self.display_name = self.id
        self.description = ""
        self._rows: list[dict[str, Any]] = []

    def _add_rows(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            print(f"Attempted to log {row['kind']} metric {row['name']}:\n{_shown(row)}")
        self._rows += rows

    def get_metrics(self, name: str | None = None, recursive: bool = False) -> dict[str, Any]:
        """Return what was logged in this process."""
        points: dict[str, list[dict[str, Any]]] = {}
        for row in self._rows:
            points.setdefault(row["name"], []).append(row)
        found = {
            n: _metrics.value_of(rows[0]["kind"], rows, partial(_metrics.address, self.id))
            for n, rows in points.items()
            if name in (None, n)
        }
        return {self.id: found} if recursive else found

    def tag(self, key: str, value: object = None) -> None:
        """Remember a tag."""
        self.tags[key] = None if value is None else str(value)

    def set_tags(self, tags: Mapping[str, object]) -> None:
        """Remember tags."""
        for key, value in tags.items():
            self.tag(key, value)

    def remove_tags(self, tags: Sequence[str]) -> None:
        """Forget tags."""
        for key in tags:
            self.tags.pop(key, None)

    def add_properties(self, properties: Mapping[str, object]) -> None:
        """Remember properties."""
        self.properties.update({key: str(value) for key, value in properties.items()})

    def get_tags(self) -> dict[str, str | None]:
        """Return the tags."""
        return dict(self.tags)

    def get_properties(self) -> dict[str, str]:
        """Return the properties."""
        return dict(self.properties)

    def get_status(self) -> str:
        """Return the status that this process gave it."""
        return self.status

    def upload_file(self, name: str, path_or_stream: object) -> None:
        """Say that there is nowhere to store it."""
        print(f"Attempted to upload {name}")

    def child_run(self, name: str | None = None, **ignored: Any) -> OfflineRun:
        """Return a child, offline as well."""
        child = OfflineRun(f"{self.id}.{name or len(self._rows)}")
        child.parent = self
        return child

    def flush(self, timeout_seconds: float = 300) -> None:
        """Nothing waits."""

    def complete(self) -> None:
        """End well."""
        self.status = "Completed"

    def fail(self, error_details: object = None, error_code: str | None = None) -> None:
        """End as failed, and print why."""
        self.status = "Failed"
        print(f"Run {self.id} failed: {error_code or 'UserError'} {error_details or ''}")

    def cancel(self) -> None:
        """End as canceled."""
        self.status = "Canceled"

    def __enter__(self) -> OfflineRun:
        print(f"[START] Run {self.id} context")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.complete() if error is None else self.fail(error)
        print(f"[STOP] Run {self.id} context")


def _shown(row: dict[str, Any]) -> object:
    return row.get("valueText", row.get("value"))
