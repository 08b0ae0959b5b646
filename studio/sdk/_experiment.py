"""The experiment: a named group of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.sdk import _start, _submit
from studio.sdk._exceptions import ServiceException, UserErrorException
from studio.sdk._run import Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from studio.sdk._children import Labels
    from studio.sdk._script import ScriptRunConfig
    from studio.sdk._workspace import Workspace


class Experiment:
    """An experiment, made on the studio when its name is new.

    Raises:
        UserErrorException: the name cannot be used.
    """

    def __init__(self, workspace: Workspace, name: str, **ignored: Any) -> None:
        try:
            told = workspace._transport.api("PUT", "experiments", name, json={}).json()
        except ServiceException as error:
            if error.status == 400 or not name:
                raise UserErrorException(f'"{name}" cannot name an experiment. {error}') from None
            raise
        self._know(workspace, told)

    @classmethod
    def _known(cls, workspace: Workspace, told: Mapping[str, Any]) -> Experiment:
        experiment = cls.__new__(cls)
        experiment._know(workspace, told)
        return experiment

    def _know(self, workspace: Workspace, told: Mapping[str, Any]) -> None:
        self.workspace = workspace
        self._id: str = told["id"]
        self.name: str = told["name"]
        self._url: str = told["url"]

    @property
    def id(self) -> str:
        """The experiment's id; inside a submitted script it is asked for once."""
        if not self._id:
            self._id = self.workspace._transport.api("GET", "experiments", self.name).json()["id"]
        return self._id

    def start_logging(
        self,
        *,
        name: str | None = None,
        run_id: str | None = None,
        outputs: str | bool | None = None,
        snapshot_directory: str | None = ".",
        tags: Mapping[str, Any] | None = None,
        display_name: str | None = None,
        description: str | None = None,
    ) -> Run:
        """Start a run that this process logs to; it is Running at once.

        ``outputs`` is the folder whose files are uploaded at the end: ``./outputs`` by default, none
        when False. ``snapshot_directory`` is copied as the run's source; None copies nothing.

        Raises:
            SnapshotException: that folder is too large.
        """
        told = {
            "name": name or "",
            "runId": run_id or "",
            "tags": _start.tag_values(tags),
            "displayName": display_name or "",
            "description": description or "",
        }
        return _start.interactive(
            self, told, outputs=outputs, snapshot_directory=snapshot_directory
        )

    def submit(
        self, config: ScriptRunConfig, tags: Mapping[str, Any] | None = None, **options: Any
    ) -> Run:
        """Submit a script and return at once. ``run_id`` and ``display_name`` may be given.

        Raises:
            ExperimentExecutionException: the script or the compute target is not there.
            SnapshotException: the source directory is too large.
        """
        return _submit.submit(self, config, tags=tags, **options)

    def get_runs(
        self,
        type: str | None = None,
        tags: Labels = None,
        properties: Labels = None,
        include_children: bool = False,
    ) -> Iterator[Run]:
        """Yield the runs of this experiment, newest first; all filters must match.

        ``tags`` and ``properties`` are a key that a run has, or a dict of keys and values, in which
        None means that the tag has no value.

        Raises:
            ValueError: tags or properties of another type.
        """
        return Run.list(self, type, tags, properties, include_children=include_children)

    def get_portal_url(self) -> str:
        """Return the address of the page with this experiment's runs."""
        return self._url

    def __repr__(self) -> str:
        return f"Experiment(name={self.name!r}, workspace={self.workspace.name!r})"
