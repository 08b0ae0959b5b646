"""Their runs: made, looked at, renamed, ended, deleted and restored."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated, Any

from django.db import transaction
from django.utils import timezone
from pydantic import BeforeValidator, Field

from runs import access
from runs.access import Right
from runs.actions import deletion, runs
from runs.actions.bulk_rules import NOT_YOURS
from runs.actions.refused import Refused
from runs.actions.runs import NewRun
from runs.api.mlflow import documents, experiments, statuses
from runs.api.mlflow.documents import NAME, PARENT
from runs.api.mlflow.errors import ErrorCode, Fault, not_there
from runs.api.mlflow.experiments import NOTE
from runs.api.mlflow.messages import Int64, KeyValue, Message, RunId
from runs.api.mlflow.names import check_key
from runs.api.mlflow.times import moment
from runs.models import Run
from runs.queries.mlflow_search import USER_ID
from runs.rights import may_delete
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from datetime import datetime

    from runs.api.mlflow.door import Call

Word = Annotated[str, BeforeValidator(statuses.named)]


class NewRunMessage(Message):
    """A run that does not exist yet."""

    experiment_id: str = "0"
    user_id: str = ""
    run_name: str = ""
    start_time: Int64 | None = None
    tags: list[KeyValue] = Field(default_factory=list)


class OfRun(Message):
    """One run."""

    run_id: RunId


class Update(OfRun):
    """What changes; what is left out stays."""

    status: Word | None = None
    end_time: Int64 | None = None
    run_name: str = ""


def create(call: Call) -> dict[str, Any]:
    """Begin a run."""
    asked = call.read(NewRunMessage)
    experiment = experiments.find(call, asked.experiment_id or "0")
    experiments.check_active(experiment)
    began = None if asked.start_time is None else moment(asked.start_time, "start_time")
    tags = {}
    for place, tag in enumerate(asked.tags):
        check_key(tag.key, f"tags[{place}].key")
        tags[tag.key] = tag.value[: limits.VALUE]
    name = _name(asked.run_name, tags.pop(NAME, ""))
    new = NewRun(
        experiment_name=experiment.name,
        run_id=uuid.uuid4().hex,
        display_name=name[: limits.DISPLAY_NAME],
        description=tags.pop(NOTE, ""),
        parent_run_id=_parent(call, tags),
        tags=tags,
        properties={USER_ID: asked.user_id[: limits.VALUE]} if asked.user_id else {},
        start=True,
        started=_past(began).isoformat() if began else "",
        most_tags=limits.TAGS_BY_MLFLOW,
    )
    run = runs.create(call.workspace, by=call.actor, new=new)
    return {"run": documents.run_document(run, [])}


def get(call: Call) -> dict[str, Any]:
    """Return a run, deleted or not."""
    run = find(call, call.read(OfRun).run_id)
    return {"run": documents.run_document(run, documents.metrics_of([run])[run.pk])}


def update(call: Call) -> dict[str, Any]:
    """Change a run's name, and where it stands."""
    asked = call.read(Update)
    run = find_active(call, asked.run_id)
    ended = None if asked.end_time is None else moment(asked.end_time, "end_time")
    with transaction.atomic():
        rename(call, run, asked.run_name)
        if asked.status is not None:
            began = run.started_at
            at = max(_past(ended), began) if ended and began else None
            statuses.report(run, asked.status, by=call.actor, at=at)
    return {"run_info": documents.run_info(run)}


def delete(call: Call) -> dict[str, Any]:
    """Put a run into the bin, and its child runs not."""
    run = _mine(call)
    deletion.delete(run, by=call.actor, alone=True)
    return {}


def restore(call: Call) -> dict[str, Any]:
    """Bring a run back from the bin."""
    run = _mine(call)
    deletion.restore(run, by=call.actor, alone=True)
    return {}


def find(call: Call, run_id: str) -> Run:
    """Return the run of that id, deleted or not."""
    try:
        return access.run_in(
            call.workspace, call.actor, run_id, call.caller.right, among=Run.objects.all()
        )
    except Refused as refused:
        if refused.code is not Code.NOT_FOUND:
            raise
        raise not_there(f"Run with id={run_id[:300]} not found") from None


def find_active(call: Call, run_id: str) -> Run:
    """Return the run of that id, to which something is written; refuses a deleted one."""
    run = find(call, run_id)
    if documents.is_deleted(run):
        raise gone(run)
    return run


def gone(run: Run) -> Fault:
    """Return the refusal to write to a deleted run."""
    state = "must be in the 'active' state. Current state is deleted."
    return Fault(f"The run {run.run_id} {state}")


def rename(call: Call, run: Run, name: str) -> None:
    """Give a run another name; an empty one changes nothing."""
    if name:
        runs.edit(run, by=call.actor, display_name=name[: limits.DISPLAY_NAME])


def _name(run_name: str, tag: str) -> str:
    if run_name and tag and run_name != tag:
        both = "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different"
        raise Fault(f"{both} values (run_name='{run_name}', mlflow.runName='{tag}').")
    return run_name or tag


def _parent(call: Call, tags: dict[str, str]) -> str:
    """Return the run that the tags name as the parent, "" where it is none that could be."""
    run_id = tags.get(PARENT, "")
    try:
        among = Run.objects.present()
        parent = access.run_in(call.workspace, call.actor, run_id, Right.START, among=among)
    except Refused:
        return ""
    if parent.depth >= runs.MAX_DEPTH:
        return ""
    return tags.pop(PARENT)


def _past(said: datetime) -> datetime:
    # Their clock may be ahead of ours.
    return min(said, timezone.now())


def _mine(call: Call) -> Run:
    run = find(call, call.read(OfRun).run_id)
    rights = access.rights_in(call.actor, call.workspace)
    if not may_delete(rights, is_own=call.actor.has_submitted(run)):
        raise Fault(NOT_YOURS, ErrorCode.PERMISSION_DENIED)
    return run
