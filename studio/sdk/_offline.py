"""The run of a script that was not submitted: the same calls, kept in a folder of this machine."""

from __future__ import annotations

import atexit
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from studio.contract import places, words
from studio.sdk import _error, _metrics, _shown, _start
from studio.sdk._exceptions import (
    RunEnvironmentException,
    UserErrorException,
)
from studio.sdk._logging import Logging
from studio.sdk._offline_files import OfflineFiles
from studio.sdk._offline_store import Store, now

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    from studio.sdk._children import Labels
    from studio.sdk._experiment import Experiment

_TERMINAL = {status.value for status in words.TERMINAL}


class OfflineExperiment:
    """Stands for the experiment that an offline run will belong to once it is imported."""

    name = "offline"

    @property
    def workspace(self) -> NoReturn:
        """There is none.

        Raises:
            RunEnvironmentException: always; it says how to get one.
        """
        raise RunEnvironmentException(
            "This script was not submitted, so it has no workspace. "
            "Workspace.from_config() finds the studio from here."
        )


class OfflineRun(OfflineFiles, Logging):
    """Prints what it is given and keeps it, so that a script runs the same at a desk.

    ``studio sync``, or ``studio import`` with its folder, makes a run of it.
    """

    def __init__(self, store: Store | None = None, parent: OfflineRun | None = None) -> None:
        self._store = store or Store.new()
        # The studio's words for a run are this record's as well.
        self._told = self._store.record
        self.id = self._store.run_id
        self.parent = parent
        self.experiment = cast("Experiment", OfflineExperiment())
        self._rows: list[dict[str, Any]] = []
        self._children: list[OfflineRun] = []
        if parent is None:
            atexit.register(self._say_where)

    # What is written on it

    def set_tags(self, tags: Mapping[str, object]) -> None:
        """Set several tags; others stay."""
        self._store.save(tags={**self.tags, **_start.tag_values(tags)})

    def remove_tags(self, tags: Sequence[str]) -> None:
        """Remove tags by key."""
        self._store.save(tags={k: v for k, v in self.tags.items() if k not in set(tags)})

    def add_properties(self, properties: Mapping[str, object]) -> None:
        """Add properties, which never change afterwards.

        Raises:
            UserErrorException: one is there with another value.
        """
        known = self.properties
        for key, value in properties.items():
            if known.setdefault(key, str(value)) != str(value):
                raise UserErrorException(
                    f'Property "{key}" is "{known[key]}" and cannot become "{value}": '
                    "properties never change."
                )
        if properties:
            self._store.save(properties=known)

    def _edit(self, **fields: str) -> None:
        self._store.save(**fields)

    def _refresh(self) -> dict[str, Any]:
        return self._store.record

    def _add_rows(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            shown = row.get("valueText", row.get("value"))
            what = row["kind"] if row["kind"] == words.PARAMETER else f"{row['kind']} metric"
            print(f"Attempted to log {what} {row['name']}:\n{shown}")
            self._store.add_row(row)
        self._rows += [row for row in rows if row["kind"] != words.PARAMETER]

    def log_parameters(self, parameters: Mapping[str, object]) -> None:
        """Log what the run is configured with; as ``Run.log_parameters``."""
        super().log_parameters(parameters)
        self._store.save(parameters={**self.parameters, **self.__dict__["_configured"]})

    def get_metrics(
        self,
        name: str | None = None,
        recursive: bool = False,
        run_type: str | None = None,
        populate: bool = False,
    ) -> dict[str, Any]:
        """Return what was logged in this process; as ``Run.get_metrics``."""
        points: dict[str, list[dict[str, Any]]] = {}
        for row in self._rows if run_type in (None, self.type) else ():
            points.setdefault(row["name"], []).append(row)
        stored = self._content if populate else partial(_metrics.address, self.id)
        own = {
            n: _metrics.value_of(rows[0]["kind"], rows, stored)
            for n, rows in points.items()
            if name in (None, n)
        }
        if not recursive:
            return own
        below = [child.get_metrics(name, True, run_type, populate) for child in self._children]
        return {
            **({self.id: own} if own else {}),
            **{k: v for each in below for k, v in each.items()},
        }

    def flush(self, timeout_seconds: float = 300) -> None:
        """Nothing waits: all is on disk."""

    # Its children

    def child_run(
        self, name: str | None = None, run_id: str | None = None, outputs: str | bool | None = False
    ) -> OfflineRun:
        """Return a child, offline as well."""
        child = OfflineRun(self._store.child(name or "", run_id or ""), self)
        self._children.append(child)
        return child

    def create_children(
        self,
        count: int | None = None,
        tag_key: str | None = None,
        tag_values: Sequence[object] | None = None,
    ) -> list[OfflineRun]:
        """Return several children; as ``Run.create_children``."""
        from studio.sdk import _children

        found = []
        for tags in _children.tags_of_batch(count, tag_key, tag_values):
            found.append(self.child_run())
            found[-1].set_tags(tags)
        return found

    def submit_child(self, config: object, **options: Any) -> NoReturn:
        """Nothing takes scripts here.

        Raises:
            RunEnvironmentException: always; it says what to do.
        """
        raise RunEnvironmentException(
            "An offline run has no compute targets: submit this script, or start a run with "
            "Experiment.start_logging() and submit children of that one."
        )

    def get_children(
        self,
        recursive: bool = False,
        tags: Labels = None,
        properties: Labels = None,
        type: str | None = None,
        status: str | None = None,
    ) -> Iterator[OfflineRun]:
        """Yield the runs below this one, newest first; as ``Run.get_children``."""
        from studio.sdk import _children

        for child in reversed(self._children):
            if (
                _children.has(child.tags, tags, "tags")
                and _children.has(child.properties, properties, "properties")
                and type in (None, child.type)
                and status in (None, child.status)
            ):
                yield child
            if recursive:
                yield from child.get_children(True, tags, properties, type, status)

    # How it ends

    def start(self) -> None:
        """It runs already."""

    def wait_for_completion(
        self,
        show_output: bool = False,
        wait_post_processing: bool = False,
        raise_on_error: bool = True,
    ) -> dict[str, Any]:
        """Return the details at once: nobody but this process would end it."""
        return self.get_details()

    def complete(self) -> None:
        """End well."""
        self._end("Completed")

    def fail(
        self, error_details: str | BaseException | None = None, error_code: str | None = None
    ) -> None:
        """End as failed, and print why."""
        error = _error.document(error_details, error_code)
        print(f"Run {self.id} failed: {error['code']} {error.get('message', '')}".rstrip())
        self._end("Failed", error={"error": error})

    def cancel(self) -> None:
        """End as canceled."""
        self._end("Canceled")

    def __enter__(self) -> OfflineRun:
        print(f"[START] Run {self.id} context")
        self._copy_output()
        return self

    def __exit__(
        self,
        kind: builtins.type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._leave_output(error)
        is_good = error is None or (isinstance(error, SystemExit) and error.code in (None, 0))
        self.complete() if is_good else self.fail(error)
        print(f"[STOP] Run {self.id} context")
        return is_good and error is not None

    def _end(self, status: str, **fields: Any) -> None:
        if self.status in _TERMINAL and (self.status, status) != ("Completed", "Failed"):
            return
        outputs = Path(places.OUTPUTS)
        if self.parent is None and outputs.is_dir():
            self._keep_outputs(outputs)
        self._store.save(status=status, endTimeUtc=now(), **fields)

    def _say_where(self) -> None:
        if self._store.is_kept():
            print(
                f"Run Studio: this script was not submitted; its run is kept in {self._store.folder}. "
                "`studio sync` sends it.",
                file=sys.stderr,
            )

    def _repr_html_(self) -> str:
        return _shown.table({"Id": self.id, "Status": self.status, "Folder": self._store.folder})

    def __repr__(self) -> str:
        return f"OfflineRun(Id: {self.id},\nStatus: {self.status})"
