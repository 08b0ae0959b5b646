"""Compute targets: where submitted scripts run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from studio.contract.words import Status
from studio.sdk import _children
from studio.sdk._exceptions import UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio.sdk._children import Labels
    from studio.sdk._workspace import Workspace

_ASKED = (Status.RUNNING.value, Status.QUEUED.value)


@dataclass(frozen=True)
class ComputeTarget:
    """A place for runs. ``queued`` and ``running`` are counts at the time it was looked up."""

    name: str
    type: str
    max_runs: int
    queued: int
    running: int
    workspace: Workspace = field(repr=False, compare=False)

    @classmethod
    def _known(cls, workspace: Workspace, told: dict[str, Any]) -> ComputeTarget:
        return cls(
            name=told["name"],
            type=told["kind"],
            max_runs=told["maxRuns"],
            queued=told["queued"],
            running=told["running"],
            workspace=workspace,
        )


def records(
    compute: object, *, tags: Labels, properties: Labels, type: str | None, status: str | None
) -> Iterator[dict[str, Any]]:
    """Yield the records of a compute target's runs, newest first.

    Raises:
        UserErrorException: not a compute target; a status that nobody waits or runs in.
    """
    if not isinstance(compute, ComputeTarget):
        raise UserErrorException(
            'Give a compute target such as workspace.compute_targets["studio-local"].'
        )
    if status is not None and status not in _ASKED:
        raise UserErrorException(f"The status is one of {', '.join(_ASKED)}, not {status!r}.")
    query = {
        "target": compute.name,
        "type": type,
        "tags": _children.labels(tags, "tags"),
        "properties": _children.labels(properties, "properties"),
        "status": status or ",".join(_ASKED),
        "includeChildren": True,
        "limit": 500,
    }
    return compute.workspace._transport.pages("runs", query=query)
