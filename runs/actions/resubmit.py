"""Starting a run once more: the same source, the same environment, perhaps other arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runs.actions import runs
from runs.actions.refused import Refused
from runs.actions.runs import NewRun
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runs.access import Actor
    from runs.models import Run

# The property of a resubmitted run that names the run it repeats.
ORIGIN = "resubmittedFrom"


def why_not(run: Run) -> str:
    """Return why this run cannot be started once more, "" if it can."""
    definition = run.definition or {}
    if not run.supervised:
        return "Its own script started it: start that script again."
    if run.compute_target_id is None:
        return f"It ran on {run.target}, where the studio starts nothing: submit it from there."
    if run.snapshot_id is None and not definition.get("command"):
        return "Its source was not kept."
    return ""


def resubmit(
    run: Run, *, by: Actor, arguments: Sequence[str] | None = None, display_name: str = ""
) -> Run:
    """Return a new run of the same source and definition, Queued on the same compute target.

    ``arguments`` replace those of the run. The new run names the old one in the property
    ``resubmittedFrom``; it is a child of the same parent.

    Raises:
        Refused: it was not submitted to a compute target, or its source is not there.
    """
    problem = why_not(run)
    if problem:
        raise Refused(Code.CONFLICT, problem)
    definition: dict[str, Any] = dict(run.definition or {})
    if arguments is not None:
        definition["arguments"] = list(arguments)
    return runs.create(
        run.workspace,
        by=by,
        new=NewRun(
            experiment_name=run.experiment.name,
            display_name=display_name,
            parent_run_id=run.parent.run_id if run.parent else "",
            tags=run.tags,
            properties={**_facts(run), ORIGIN: run.run_id},
            target=run.target,
            script_name=run.script_name,
            definition=definition,
            snapshot_id=run.snapshot.snapshot_id if run.snapshot else "",
            grace_seconds=run.grace_seconds,
            max_run_seconds=run.max_run_seconds,
        ),
    )


def _facts(run: Run) -> dict[str, str]:
    """Return the facts that are still true of the new run: where its source comes from."""
    return {k: v for k, v in run.properties.items() if ".git." in k}
