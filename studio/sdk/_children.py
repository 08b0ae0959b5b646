"""Finding runs by id and by parent, and starting children."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio.contract import limits
from studio.contract.words import Status
from studio.sdk import _views
from studio.sdk._exceptions import ServiceException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from studio.sdk._context import RunContext
    from studio.sdk._experiment import Experiment
    from studio.sdk._run import Run
    from studio.sdk._transport import Transport
    from studio.sdk._workspace import Workspace

# The tag that numbers the children of one call, as in Azure Machine Learning.
BATCH_TAG = "azureml.batch_child_number"
Labels = str | dict[str, str | None] | None
# What makes the object of a run, by the type of the run.
PROVIDERS: dict[str, Callable[[Experiment, dict[str, Any]], Run]] = {}


def by_id(workspace: Workspace, run_id: str) -> Run:
    """Return a run of a workspace by its id."""
    return _of(workspace, record(workspace, run_id))


def record(workspace: Workspace, run_id: str) -> dict[str, Any]:
    """Return the record of a run.

    Raises:
        UserErrorException: there is none.
    """
    try:
        told: dict[str, Any] = workspace._transport.run("GET", run_id).json()
    except ServiceException as error:
        if error.status == 404:
            raise UserErrorException(
                f'There is no run "{run_id}" in the workspace {workspace.name}.'
            ) from None
        raise
    return told


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


def create_children(
    parent: Run, count: int | None, tag_key: str | None, tag_values: Sequence[object] | None
) -> list[Run]:
    """Start several children in one call."""
    tags = tags_of_batch(count, tag_key, tag_values)
    body = {"children": [{"tags": each} for each in tags]}
    items = parent._transport.run("POST", parent.id, "children", json=body).json()["items"]
    found = [_of(parent.experiment.workspace, told) for told in items]
    for child in found:
        child._parent = parent
        child._led_from_here()
    return found


def tags_of_batch(
    count: int | None, tag_key: str | None, tag_values: Sequence[object] | None
) -> list[dict[str, str | None]]:
    """Return the tags of each child that one call asks for.

    Raises:
        UserErrorException: neither a count nor tags, both, or too many.
    """
    from studio.sdk._start import tag_values as as_tags

    named = tag_key is not None or tag_values is not None
    if (count is None) != named or (named and (tag_key is None or tag_values is None)):
        raise UserErrorException("Give either a count, or a tag_key and tag_values.")
    if count is not None:
        tags: list[dict[str, str | None]] = [{BATCH_TAG: str(n)} for n in range(count)]
    else:
        tags = [as_tags({str(tag_key): value}) for value in tag_values or ()]
    if not 1 <= len(tags) <= limits.CHILDREN_PER_CALL:
        raise UserErrorException(
            f"A call starts 1 to {limits.CHILDREN_PER_CALL} children, not {len(tags)}."
        )
    return tags


def listed(
    workspace: Workspace,
    *,
    view: str | None = None,
    sort: str | Sequence[str] | None = None,
    **asked: Any,
) -> Iterator[Run]:
    """Yield the runs of a workspace that are asked for: in the order of the view, else newest first."""
    slug = _views.slug_of(workspace, view) if view is not None else None
    asked |= {"view": slug, "sort": _views.sorting(sort), "limit": 500}
    query = {key: value for key, value in asked.items() if value is not None}
    found = workspace._transport.pages("runs", query=query)
    return (_of(workspace, told) for told in found)


def labels(asked: Labels, what: str) -> str | None:
    """Return what is asked of tags or properties as the studio reads it.

    Raises:
        ValueError: neither a key nor a dict of keys and values.
    """
    if asked is None:
        return None
    if not isinstance(asked, str | dict):
        raise ValueError(f"{what} should be a key or a dict of keys and values, not {asked!r}.")
    return json.dumps(asked)


def has(known: Mapping[str, str | None], asked: Labels, what: str) -> bool:
    """Whether tags or properties are those that are asked for; raises as ``labels``."""
    labels(asked, what)
    if asked is None or isinstance(asked, str):
        return asked is None or asked in known
    return all(key in known and known[key] == value for key, value in asked.items())


def children(parent: Run, *, recursive: bool, **asked: Any) -> Iterator[Run]:
    """Yield the runs below a run that are asked for, newest first.

    A run that is not asked for may have children that are.
    """
    workspace = parent.experiment.workspace
    if not recursive:
        return listed(workspace, parent=parent.id, **asked)
    root = str(parent._told["rootRunId"])
    found = listed(workspace, root=root, **asked)
    if root == parent.id:
        return found
    inside = _below(parent.id, listed(workspace, root=root))
    return (run for run in found if run.id in inside)


def _below(run_id: str, tree: Iterator[Run]) -> set[str]:
    """Return the ids of the runs below a run, of all runs of its tree."""
    children_of: dict[str, list[str]] = {}
    for run in tree:
        children_of.setdefault(str(run._told["parentRunId"]), []).append(run.id)
    inside: set[str] = set()
    level = [run_id]
    while level:
        level = [child for above in level for child in children_of.get(above, ())]
        inside.update(level)
    return inside


def _of(workspace: Workspace, told: dict[str, Any]) -> Run:
    from studio.sdk._experiment import Experiment
    from studio.sdk._run import Run

    name = told["experimentName"]
    url = f"{workspace._transport.url}/w/{workspace.name}/runs/?experiment={name}"
    experiment = Experiment._known(
        workspace, {"id": told["experimentId"], "name": name, "url": url}
    )
    provide = PROVIDERS.get(told.get("runType", "")) or Run._known
    return provide(experiment, told)
