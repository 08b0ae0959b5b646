"""The run of a script that was not submitted: same calls, nothing leaves this process."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from studio.sdk import _values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType


class OfflineRun:
    """Prints what it is given and remembers it, so that a script runs the same at a desk."""

    def __init__(self, run_id: str = "") -> None:
        self.id = run_id or f"OfflineRun_{uuid.uuid4()}"
        self.tags: dict[str, str | None] = {}
        self.properties: dict[str, str] = {}
        self.parent: OfflineRun | None = None
        self.status = "Running"
        self.display_name = self.id
        self.description = ""
        self._values: dict[str, list[Any]] = {}

    def log(self, name: str, value: object, description: str = "", step: int | None = None) -> None:
        """Print and remember a value; what a run of the studio refuses is refused here."""
        row = _values.row(name, value, description=description, step=step)
        kept = float(row["valueText"]) if "valueText" in row else row["value"]
        self._values.setdefault(name, []).append(kept)
        print(f"Attempted to log scalar metric {name}:\n{value}")

    def get_metrics(self, name: str | None = None, recursive: bool = False) -> dict[str, Any]:
        """Return what was logged in this process."""
        found = {
            n: v[0] if len(v) == 1 else v for n, v in self._values.items() if name in (None, n)
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
        child = OfflineRun(f"{self.id}.{name or len(self._values)}")
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
