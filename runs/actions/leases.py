"""Who runs what: an agent takes runs from its target's queue, one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from runs.actions import lifecycle, tokens
from runs.actions.refused import Refused
from runs.actions.text import keep_what_fits
from runs.models import Agent, ComputeTarget, Run
from studio.contract.errors import Code
from studio.contract.launch import LaunchSpec
from studio.contract.words import TARGET_LOCAL, TERMINAL, WAITING, Status

if TYPE_CHECKING:
    from runs.access import Actor

_HELD = frozenset(Status) - TERMINAL - {Status.NOT_STARTED, Status.QUEUED}
_TOKEN_DAYS_AFTER = 30
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class AgentInfo:
    """What an agent says about itself. ``boot_id`` changes when its machine restarts."""

    name: str
    host: str
    boot_id: str = ""
    version: str = ""


def note_agent(target: ComputeTarget, info: AgentInfo) -> Agent:
    """Keep that this agent is there, and since when it was last seen."""
    agent, _ = Agent.objects.update_or_create(
        target=target,
        name=keep_what_fits(info.name, 255),
        defaults={
            "host": keep_what_fits(info.host, 255),
            "boot_id": keep_what_fits(info.boot_id, 64),
            "version": keep_what_fits(info.version, 32),
            "last_seen_at": timezone.now(),
        },
    )
    return agent


def take_next(target: ComputeTarget, *, by: Actor, agent: Agent) -> Run | None:
    """Return the oldest queued run, now the agent's; None when none waits or the target is full."""
    if not target.runs.filter(status=Status.QUEUED).exists():
        return None
    with transaction.atomic():
        # The row of the target is the turnstile: of two agents that come at once, one waits.
        target = ComputeTarget.objects.select_for_update(no_key=True).get(pk=target.pk)
        if target.runs.filter(status__in=_HELD).count() >= target.max_runs:
            return None
        run = target.runs.filter(status=Status.QUEUED).order_by("id").first()
        if run is None:
            return None
        _take(run, by=by, host=agent.host, agent=agent)
    return run


def take(run: Run, *, by: Actor, info: AgentInfo) -> None:
    """Take a run that was submitted for this person's own machine; refuses any other, and twice."""
    if run.target != TARGET_LOCAL:
        reason = f"Run {run.run_id} is for {run.target}, not for the submitter's own machine."
        raise Refused(Code.CONFLICT, reason)
    if by.user is None or by.user.pk != run.created_by_id:
        raise Refused(Code.FORBIDDEN, "Only its submitter can run this here.")
    _take(run, by=by, host=keep_what_fits(info.host, 255))


def launch_spec(run: Run) -> LaunchSpec:
    """Return all that a runner needs, with a new token that opens this run and its children only."""
    definition: dict[str, Any] = run.definition or {}
    days = _TOKEN_DAYS_AFTER + run.max_run_seconds / _SECONDS_A_DAY
    token = tokens.issue(run.created_by, f"run {run.run_id}", run=run, days=days)
    return LaunchSpec(
        run_id=run.run_id,
        workspace=run.workspace.name,
        experiment=run.experiment.name,
        url=settings.PUBLIC_URL,
        token=token,
        command=_command(definition, run.script_name),
        environment=definition.get("environmentVariables") or {},
        snapshot_id=run.snapshot.snapshot_id if run.snapshot else None,
        grace_seconds=run.grace_seconds,
        max_run_seconds=run.max_run_seconds,
    )


def stops_for(target: ComputeTarget, known: set[str]) -> list[Run]:
    """Return the target's runs that should stop, without those the agent knows about already."""
    wanted = target.runs.filter(status=Status.CANCEL_REQUESTED).order_by("id")
    return [run for run in wanted if run.run_id not in known]


def _take(run: Run, *, by: Actor, host: str, agent: Agent | None = None) -> None:
    if run.status not in WAITING:
        raise Refused(
            Code.ILLEGAL_MOVE,
            f"Run {run.run_id} is {run.status}; there is nothing to take.",
            extra={"current": run.status},
        )
    lifecycle.prepare(
        run,
        by=by,
        reason=f"Taken by {agent.name if agent else host}.",
        agent=agent,
        host=host,
        last_beat_at=timezone.now(),
    )


def _command(definition: dict[str, Any], script: str) -> list[str]:
    command = definition.get("command")
    if command:
        return [str(part) for part in command]
    python = definition.get("python") or "python"
    return [python, script, *(str(part) for part in definition.get("arguments") or [])]
