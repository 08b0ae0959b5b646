"""Compute targets, and the agents that lease runs for them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.http import HttpResponse
from ninja import Router

from runs.access import Right
from runs.actions import leases
from runs.actions.leases import AgentInfo
from runs.api import idempotency
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Body
from runs.api.describing import answers
from runs.api.paging import Number
from runs.api.v1.runs import PLACE
from runs.api.waiting import wait_for
from runs.documents import target_document
from runs.models import Agent, ComputeTarget, Run
from studio.contract import limits
from studio.contract.words import TERMINAL, Status

if TYPE_CHECKING:
    from runs.access import Actor

router = Router()
TARGETS = "/workspaces/{ws}/compute"


class AgentBody(Body):
    """What an agent says about itself."""

    agent: str
    host: str
    boot_id: str = ""
    version: str = ""

    def info(self) -> AgentInfo:
        """Return it for the action."""
        return AgentInfo(self.agent, self.host, self.boot_id, self.version)


class LeaseBody(AgentBody):
    """``accept`` asks for a run; ``known`` are runs whose stop the agent has heard of."""

    accept: bool = True
    known: list[str] = []


@router.get(TARGETS, auth=Needs(Right.VIEW), openapi_extra=answers({"items": "Target[]"}))
def list_targets(request: ApiRequest, ws: str) -> dict[str, Any]:
    """List the compute targets of a workspace."""
    workspace = request.auth.workspace(ws)
    targets = ComputeTarget.objects.inside(workspace).order_by("name")
    narrow = request.auth.actor.target
    return {"items": _documents(list(targets if narrow is None else targets.filter(pk=narrow.pk)))}


@router.get(TARGETS + "/{target}", auth=Needs(Right.VIEW), openapi_extra=answers("Target"))
def get_target(request: ApiRequest, ws: str, target: str) -> dict[str, Any]:
    """Return one compute target."""
    return _documents([request.auth.target(ws, target)])[0]


@router.post(
    TARGETS + "/{target}/lease",
    auth=Needs(Right.LEASE, keeps=False),
    openapi_extra=answers({"lease": "Launch?", "stop": "object[]"}),
)
def lease(
    request: ApiRequest, ws: str, target: str, body: LeaseBody, wait: Number = 0
) -> dict[str, Any]:
    """Take the next run of the queue, or hear which runs should stop; the answer may wait."""
    place = request.auth.target(ws, target)
    agent = leases.note_agent(place, body.info())
    known = set(body.known)
    seconds = min(wait, limits.LEASE_WAIT_SECONDS)
    by = request.auth.actor
    answer, _ = wait_for(lambda: _work(place, by, agent, known, body.accept), seconds)
    return answer or {"lease": None, "stop": []}


@router.post(
    PLACE + "/{run_id}/lease", auth=Needs(Right.LEASE, keeps=False), openapi_extra=answers("Launch")
)
def lease_local(request: ApiRequest, ws: str, run_id: str, body: AgentBody) -> dict[str, Any]:
    """Take a run that was submitted for the caller's own machine."""
    run = request.auth.run(ws, run_id)
    # Asked again with the same key, only the taking is left out: an answer that was kept would keep
    # the run's token in plain text.
    idempotency.once(request, lambda: _taken(run, request.auth.actor, body.info()))
    return asdict(leases.launch_spec(run))


def _taken(run: Run, by: Actor, info: AgentInfo) -> HttpResponse:
    leases.take(run, by=by, info=info)
    return HttpResponse(b"{}")


def _work(
    target: ComputeTarget, by: Actor, agent: Agent, known: set[str], accept: bool
) -> dict[str, Any] | None:
    stops = [
        {"runId": run.run_id, "graceSeconds": run.grace_seconds}
        for run in leases.stops_for(target, known)
    ]
    run = leases.take_next(target, by=by, agent=agent) if accept else None
    if run is None and not stops:
        return None
    return {"lease": None if run is None else asdict(leases.launch_spec(run)), "stop": stops}


def _documents(targets: list[ComputeTarget]) -> list[dict[str, Any]]:
    agents: dict[int, list[Agent]] = defaultdict(list)
    for agent in Agent.objects.filter(target__in=targets).order_by("-last_seen_at"):
        agents[agent.target_id].append(agent)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    alive = Run.objects.filter(compute_target__in=targets).exclude(status__in=TERMINAL)
    for pk, status, count in alive.values_list("compute_target", "status").annotate(n=Count("pk")):
        counts[pk or 0]["queued" if status == Status.QUEUED else "running"] += count
    return [target_document(t, agents[t.pk], counts[t.pk]) for t in targets]
