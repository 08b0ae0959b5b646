"""How things look in answers: camelCase, ISO-8601 UTC times, nothing that JSON does not know."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings

from runs.actions import bulk
from runs.models.task import Result
from studio.contract import places
from studio.contract.errors import HTTP_STATUS

if TYPE_CHECKING:
    from runs.actions.refused import Refused
    from runs.models import (
        Agent,
        ComputeTarget,
        Experiment,
        Membership,
        Run,
        RunEvent,
        Task,
        TaskRun,
        User,
        ViewVersion,
        Workspace,
    )
    from runs.queries.views import SeenView


def time(moment: datetime | None) -> str | None:
    """Return a moment as ISO-8601 in UTC with microseconds and a Z."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def time_of_ms(milliseconds: int | None) -> str | None:
    """Return a moment, in milliseconds of the epoch, as ISO-8601 in UTC with milliseconds and a Z."""
    if milliseconds is None:
        return None
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"


def problem_document(refused: Refused) -> dict[str, Any]:
    """Return a refusal as RFC 9457 has it; what is not said is left out."""
    status = HTTP_STATUS[refused.code]
    told = {"field": refused.field, "hint": refused.hint}
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": refused.code.value,
        "detail": refused.detail,
        **{name: text for name, text in told.items() if text},
        **refused.extra,
    }


def workspace_document(membership: Membership) -> dict[str, Any]:
    """Return a workspace as its member sees it."""
    workspace = membership.workspace
    return {
        "name": workspace.name,
        "role": membership.role,
        "createdUtc": time(workspace.created_at),
        "url": f"{settings.PUBLIC_URL}/w/{workspace.name}/runs/",
    }


def experiment_document(experiment: Experiment, workspace: Workspace) -> dict[str, Any]:
    """Return an experiment."""
    return {
        "id": str(experiment.pk),
        "name": experiment.name,
        "description": experiment.description,
        "tags": experiment.tags,
        "createdUtc": time(experiment.created_at),
        "archivedUtc": time(experiment.archived_at),
        "url": f"{settings.PUBLIC_URL}/w/{workspace.name}/runs/?experiment={experiment.name}",
    }


def target_document(
    target: ComputeTarget, agents: list[Agent], counts: dict[str, int]
) -> dict[str, Any]:
    """Return a compute target with its agents and how many runs wait and run there."""
    return {
        "name": target.name,
        "kind": target.kind,
        "maxRuns": target.max_runs,
        "queued": counts["queued"],
        "running": counts["running"],
        "agents": [
            {"name": agent.name, "host": agent.host, "lastSeenUtc": time(agent.last_seen_at)}
            for agent in agents
        ],
    }


def run_document(run: Run) -> dict[str, Any]:
    """Return a run; it should have been fetched ``with_names``."""
    return {
        **_identity(run),
        **_life(run),
        **_content(run),
        "version": run.version,
        "revision": run.revision,
        "url": settings.PUBLIC_URL + places.run_page(run.workspace.name, run.run_id),
    }


def _identity(run: Run) -> dict[str, Any]:
    root = run.root or run
    return {
        "runId": run.run_id,
        "runNumber": run.number,
        "displayName": run.display_name,
        "name": run.name,
        "description": run.description,
        "experimentName": run.experiment.name,
        "experimentId": str(run.experiment_id),
        "runType": run.run_type,
        "parentRunId": run.parent.run_id if run.parent else None,
        "rootRunId": root.run_id,
        "depth": run.depth,
        "createdBy": who(run.created_by),
        "createdUtc": time(run.created_at),
    }


def _life(run: Run) -> dict[str, Any]:
    duration = run.duration
    return {
        "status": run.status,
        "startTimeUtc": time(run.started_at),
        "endTimeUtc": time(run.ended_at),
        "durationSeconds": None if duration is None else duration.total_seconds(),
        "target": run.target,
        "host": run.host,
        "supervised": run.supervised,
        "lastBeatUtc": time(run.last_beat_at),
        "cancelRequestedUtc": time(run.cancel_requested_at),
        "queueingInfo": run.queueing,
        "exitCode": run.exit_code,
        "error": run.error,
        "warnings": run.warnings,
        "graceSeconds": run.grace_seconds,
        "maxRunDurationSeconds": run.max_run_seconds,
    }


def _content(run: Run) -> dict[str, Any]:
    return {
        "tags": run.tags,
        "properties": run.properties,
        "parameters": run.parameters,
        "hidden": run.hidden,
        "scriptName": run.script_name,
        "runDefinition": run.definition,
        "snapshotId": run.snapshot.snapshot_id if run.snapshot else None,
    }


def view_document(seen: SeenView) -> dict[str, Any]:
    """Return a custom view as the caller sees it."""
    view = seen.view
    return {
        "slug": view.slug,
        "name": view.name,
        "owner": who(view.owner),
        "sharing": view.sharing,
        "members": [{**who(each.user), "canEdit": each.can_edit} for each in seen.members],
        "state": seen.state.document(),
        "dropped": seen.dropped,
        "version": view.version,
        "createdUtc": time(view.created_at),
        "updatedUtc": time(view.updated_at),
        "updatedBy": who(view.updated_by),
        "deletedUtc": time(view.deleted_at),
        "isStarred": seen.is_starred,
        "isDefault": seen.is_default,
        "isWorkspaceDefault": seen.is_workspace_default,
        "canEdit": seen.can_edit,
        "canArrange": seen.can_arrange,
        "url": f"{settings.PUBLIC_URL}/w/{view.workspace.name}/views/{view.slug}/",
    }


def version_document(version: ViewVersion) -> dict[str, Any]:
    """Return one save of a view."""
    return {
        "version": version.version,
        "name": version.name,
        "state": version.state,
        "savedBy": who(version.saved_by),
        "savedUtc": time(version.saved_at),
    }


def task_document(task: Task) -> dict[str, Any]:
    """Return work on many runs, and how far it is."""
    return {
        "id": str(task.pk),
        "action": task.kind,
        "arguments": task.arguments,
        "state": task.state,
        "reason": task.reason,
        "total": task.total,
        "done": task.done,
        "refused": task.refused,
        "undoOf": None if task.undo_of_id is None else str(task.undo_of_id),
        "canUndo": bulk.can_be_undone(task),
        "createdBy": who(task.created_by),
        "createdUtc": time(task.created_at),
        "startedUtc": time(task.started_at),
        "endedUtc": time(task.ended_at),
    }


def task_run_document(row: TaskRun) -> dict[str, Any]:
    """Return how it went for one run."""
    return {"runId": row.public_id, "result": Result(row.result).label, "reason": row.reason}


def who(user: User) -> dict[str, str]:
    """Return a person."""
    return {"userName": user.username, "name": user.name}


def event_document(event: RunEvent) -> dict[str, Any]:
    """Return one entry of a run's history."""
    return {
        "id": event.pk,
        "time": time(event.at),
        "actor": {"kind": event.actor_kind, "name": event.actor_name},
        "kind": event.kind,
        "from": event.from_status or None,
        "to": event.to_status or None,
        "reason": event.reason,
        "data": event.data,
    }
