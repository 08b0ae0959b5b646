"""Runs side by side, as the studio compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.sdk._exceptions import ServiceException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.sdk._workspace import Workspace


def compare(
    workspace: Workspace, runs: Sequence[Any], *, base: Any = None, only_differences: bool = False
) -> dict[str, Any]:
    """Return what these runs, or runs of these ids, have in common and what differs.

    Raises:
        UserErrorException: a run that the workspace does not have, none, or too many.
    """
    ids = [_id(run) for run in runs]
    query = {
        "runs": ",".join(ids),
        "base": None if base is None else _id(base),
        "differ": only_differences,
    }
    try:
        told: dict[str, Any] = workspace._transport.api("GET", "compare", query=query).json()
    except ServiceException as error:
        if error.status == 400:
            raise UserErrorException(str(error)) from None
        raise
    if told["missing"]:
        names = ", ".join(f'"{name}"' for name in told["missing"])
        raise UserErrorException(f"There is no run {names} in the workspace {workspace.name}.")
    return told


def _id(run: Any) -> str:
    return str(getattr(run, "id", run))
