"""Finding runs by id and by parent, and starting children."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.contract.words import Status
from studio.sdk._exceptions import ServiceException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio.sdk._context import RunContext
    from studio.sdk._run import Run
    from studio.sdk._transport import Transport
    from studio.sdk._workspace import Workspace


def by_id(workspace: Workspace, run_id: str) -> Run:
    """Return a run of a workspace by its id."""
    try:
        told = workspace._transport.run("GET", run_id).json()
    except ServiceException as error:
        if error.status == 404:
            raise UserErrorException(
                f'There is no run "{run_id}" in the workspace {workspace.name}.'
            ) from None
        raise
    return _of(workspace, told)


def of_context(context: RunContext) -> Run:
    """Return the run that the runner's environment names.

    The studio is not asked before something else of the run is wanted: a script that starts while
    the studio is away runs all the same.
    """
    from studio.sdk._workspace import Workspace

    transport = context.connection.open()
    known = {
        "runId": context.run_id,
        "experimentName": context.experiment,
        "experimentId": "",
        "status": Status.RUNNING.value,
    }
    return _of(Workspace(transport), _Later(transport, known))


class _Later(dict[str, Any]):
    """What is known of a run; the rest is fetched when somebody asks for it."""

    def __init__(self, transport: Transport, known: dict[str, Any]) -> None:
        super().__init__(known)
        self._transport = transport

    def __missing__(self, key: str) -> Any:
        self.update(self._transport.run("GET", self["runId"]).json())
        return self[key]


def child_run(parent: Run, name: str, run_id: str, outputs: str | bool | None) -> Run:
    """Start a child that this process logs to."""
    from studio.sdk import _start

    told = {"name": name, "displayName": name, "runId": run_id, "parentRunId": parent.id}
    child = _start.interactive(parent.experiment, told, outputs=outputs, snapshot_directory=None)
    child._parent = parent
    return child


def children(parent: Run, *, recursive: bool) -> Iterator[Run]:
    """Yield the runs below a run, those of each level newest first."""
    query = {"parent": parent.id, "limit": 500}
    for told in parent._transport.pages("runs", query=query):
        child = _of(parent.experiment.workspace, told)
        yield child
        if recursive:
            yield from children(child, recursive=True)


def _of(workspace: Workspace, told: dict[str, Any]) -> Run:
    from studio.sdk._experiment import Experiment
    from studio.sdk._run import Run

    name = told["experimentName"]
    url = f"{workspace._transport.url}/w/{workspace.name}/runs/?experiment={name}"
    known = {"id": told["experimentId"], "name": name, "url": url}
    return Run._known(Experiment._known(workspace, known), told)
