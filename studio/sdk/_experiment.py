"""The experiment: a named group of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.sdk import _children, _shown, _start, _submit
from studio.sdk._exceptions import ServiceException, UserErrorException
from studio.sdk._run import Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from studio.sdk._children import Labels
    from studio.sdk._script import ScriptRunConfig
    from studio.sdk._workspace import Workspace

_VIEWS = {"ActiveOnly": "active", "ArchivedOnly": "archived", "All": "all"}


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
        self.name: str = told["name"]
        self._url: str = told["url"]
        self._told = dict(told)

    @property
    def id(self) -> str:
        """The experiment's id."""
        return str(self._told["id"] or self._all()["id"])

    @property
    def tags(self) -> dict[str, str | None]:
        """The tags as last seen; ``refresh`` asks the studio."""
        return dict(self._all()["tags"])

    @property
    def archived_time(self) -> str | None:
        """When the experiment was archived, ISO-8601 in UTC; None for an active one."""
        when: str | None = self._all()["archivedUtc"]
        return when

    @staticmethod
    def list(
        workspace: Workspace,
        experiment_name: str | None = None,
        view_type: str = "ActiveOnly",
        tags: Labels = None,
    ) -> list[Experiment]:
        """Return the experiments of a workspace, newest first.

        ``view_type`` is ActiveOnly, ArchivedOnly or All; ``tags`` is a key, or a dict of keys and
        values.

        Raises:
            UserErrorException: another view type.
            ValueError: tags of another type.
        """
        if view_type not in _VIEWS:
            raise UserErrorException(f"view_type is one of {', '.join(_VIEWS)}, not {view_type!r}.")
        _children.labels(tags, "tags")
        query = {"view": _VIEWS[view_type], "name": experiment_name, "limit": 500}
        found = workspace._transport.pages("experiments", query=query)
        return [
            Experiment._known(workspace, told)
            for told in found
            if _children.has(told["tags"], tags, "tags")
        ]

    @staticmethod
    def delete(workspace: Workspace, experiment_id: str) -> None:
        """Delete an experiment that has no runs.

        Raises:
            UserErrorException: it has runs, or there is none of that id.
        """
        _asked(workspace, "DELETE", experiment_id)

    def archive(self) -> None:
        """Leave the experiment out of lists; its name is free for a new one, its runs stay."""
        self._told = self._change("PATCH", json={"archived": True})

    def reactivate(self, new_name: str | None = None) -> None:
        """Bring the experiment back.

        Raises:
            UserErrorException: an active one has its name; or a new name is given, which an
                experiment cannot get.
        """
        if new_name is not None:
            raise UserErrorException("An experiment keeps its name: leave new_name out.")
        self._told = self._change("PATCH", json={"archived": False})

    def tag(self, key: str, value: object = None) -> None:
        """Set a tag; without a value it is a label."""
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, object]) -> None:
        """Set several tags; others stay."""
        self._all().update(self._change("PUT", "tags", json=_start.tag_values(tags)))

    def remove_tags(self, tags: Sequence[str]) -> None:
        """Remove tags by key."""
        self._all().update(self._change("DELETE", "tags", json={"keys": [*tags]}))

    def refresh(self) -> None:
        """Ask the studio what it knows now."""
        self._told = self._change("GET")

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
        *,
        filter: str | None = None,
        sort: str | Sequence[str] | None = None,
        view: str | None = None,
    ) -> Iterator[Run]:
        """Yield the runs of this experiment, newest first; all filters must match.

        ``tags`` and ``properties`` are a key that a run has, or a dict of keys and values, in which
        None means that the tag has no value. ``filter``, ``sort`` and ``view`` are as in
        ``Workspace.list_runs``.

        Raises:
            ValueError: tags or properties of another type.
            UserErrorException: there is no such view, or several of that name.
        """
        return Run.list(
            self,
            type,
            tags,
            properties,
            include_children=include_children,
            filter=filter,
            sort=sort,
            view=view,
        )

    def get_portal_url(self) -> str:
        """Return the address of the page with this experiment's runs."""
        return self._url

    def _all(self) -> dict[str, Any]:
        # Of a run's experiment only names are known, until somebody asks for more.
        if "tags" not in self._told:
            place = ("experimentids", self._told["id"])
            if not self._told["id"]:
                place = ("experiments", self.name)
            self._told = self.workspace._transport.api("GET", *place).json()
        return self._told

    def _change(self, method: str, *parts: str, **options: Any) -> dict[str, Any]:
        return _asked(self.workspace, method, self.id, *parts, **options)

    def _repr_html_(self) -> str:
        page = _shown.link(self.get_portal_url(), "Runs of this experiment")
        return _shown.table(
            {"Name": self.name, "Workspace": self.workspace.name, "Report Page": page}
        )

    def __str__(self) -> str:
        return f"Experiment(Name: {self.name},\nWorkspace: {self.workspace.name})"

    def __repr__(self) -> str:
        return f"Experiment(name={self.name!r}, workspace={self.workspace.name!r})"


def _asked(workspace: Workspace, method: str, *parts: str, **options: Any) -> dict[str, Any]:
    try:
        told: dict[str, Any] = workspace._transport.api(
            method, "experimentids", *parts, **options
        ).json()
    except ServiceException as error:
        if error.status in (400, 404, 409):
            raise UserErrorException(str(error)) from None
        raise
    return told
