"""Changes of a run's status, the steps of a cancel, and heartbeats."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Router
from pydantic import Field

from runs.access import Right
from runs.actions import lifecycle
from runs.actions.refused import Refused
from runs.actions.text import past_moment
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Body, Nothing
from runs.api.describing import answers
from runs.api.paging import Number
from runs.api.v1.runs import PLACE
from runs.api.waiting import SHORTLY, wait_for
from runs.documents import event_document, run_document
from runs.models import Run
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import Step

router = Router()
BEAT_WAIT = 9
Text = str | None
ExitCode = Annotated[int, Field(ge=-(2**31), lt=2**32)]


class StartBody(Body):
    """Where the script runs."""

    host: str = ""


class EndBody(Body):
    """How the script ended, and when, if that was before now."""

    exit_code: ExitCode | None = None
    end_time_utc: Text = None

    def told(self, run: Run) -> dict[str, Any]:
        """Return it for an action."""
        at = past_moment(self.end_time_utc, "endTimeUtc", after=run.started_at)
        return {"exit_code": self.exit_code, "at": at}


class CompleteBody(EndBody):
    """How the script ended."""


class ErrorBody(Body):
    """What went wrong."""

    code: Text = None
    message: Text = None
    type: Text = None
    stack_trace: Text = None


class FailBody(EndBody):
    """What went wrong and how the script ended."""

    error: ErrorBody | None = None


class ReasonBody(Body):
    """Why."""

    reason: str = ""


class CanceledBody(EndBody):
    """Why, and how the script ended."""

    reason: str = ""


class StepBody(Body):
    """One step of a cancel."""

    step: str
    message: str
    data: dict[str, Any] = {}


class WarningBody(Body):
    """Something that went wrong beside the script."""

    source: str
    message: str


class BeatBody(Body):
    """Where the script runs."""

    host: str = ""


@router.post(PLACE + "/{run_id}/start", auth=Needs(Right.OPERATE), openapi_extra=answers("Run"))
def start(request: ApiRequest, ws: str, run_id: str, body: StartBody) -> dict[str, Any]:
    """Say that the script runs."""
    run = request.auth.run(ws, run_id)
    lifecycle.start(run, by=request.auth.actor, host=body.host)
    return run_document(run)


@router.post(PLACE + "/{run_id}/finalize", auth=Needs(Right.OPERATE), openapi_extra=answers("Run"))
def finalize(request: ApiRequest, ws: str, run_id: str, body: Nothing) -> dict[str, Any]:
    """Say that the script has ended and outputs are on their way."""
    run = request.auth.run(ws, run_id)
    lifecycle.finalize(run, by=request.auth.actor)
    return run_document(run)


@router.post(PLACE + "/{run_id}/complete", auth=Needs(Right.OPERATE), openapi_extra=answers("Run"))
def complete(request: ApiRequest, ws: str, run_id: str, body: CompleteBody) -> dict[str, Any]:
    """Say that all went well."""
    run = request.auth.run(ws, run_id)
    lifecycle.complete(run, by=request.auth.actor, **body.told(run))
    return run_document(run)


@router.post(PLACE + "/{run_id}/fail", auth=Needs(Right.OPERATE), openapi_extra=answers("Run"))
def fail(request: ApiRequest, ws: str, run_id: str, body: FailBody) -> dict[str, Any]:
    """Say that it went wrong. A script that still runs is stopped."""
    run = request.auth.run(ws, run_id)
    error = body.error.model_dump(by_alias=True) if body.error else None
    lifecycle.fail(run, by=request.auth.actor, error=error, **body.told(run))
    return run_document(run)


@router.post(PLACE + "/{run_id}/cancel", auth=Needs(Right.CANCEL), openapi_extra=answers("Run"))
def cancel(request: ApiRequest, ws: str, run_id: str, body: ReasonBody) -> dict[str, Any]:
    """Ask the run to stop."""
    run = request.auth.run(ws, run_id)
    lifecycle.request_cancel(run, by=request.auth.actor, reason=body.reason)
    return run_document(run)


@router.post(PLACE + "/{run_id}/canceled", auth=Needs(Right.OPERATE), openapi_extra=answers("Run"))
def canceled(request: ApiRequest, ws: str, run_id: str, body: CanceledBody) -> dict[str, Any]:
    """Say that no process of the run is left."""
    run = request.auth.run(ws, run_id)
    lifecycle.confirm_canceled(run, by=request.auth.actor, reason=body.reason, **body.told(run))
    return run_document(run)


@router.post(PLACE + "/{run_id}/steps", auth=Needs(Right.OPERATE), openapi_extra=answers("Event"))
def record_step(request: ApiRequest, ws: str, run_id: str, body: StepBody) -> dict[str, Any]:
    """Keep one step of a cancel; also after the end."""
    run = request.auth.run(ws, run_id)
    step = _step(body.step)
    event = lifecycle.record_step(
        run, by=request.auth.actor, step=step, message=body.message, data=body.data
    )
    return event_document(event)


@router.post(PLACE + "/{run_id}/warnings", auth=Needs(Right.OPERATE), openapi_extra=answers("Run"))
def warn(request: ApiRequest, ws: str, run_id: str, body: WarningBody) -> dict[str, Any]:
    """Add a warning."""
    run = request.auth.run(ws, run_id)
    lifecycle.warn(run, by=request.auth.actor, source=body.source, message=body.message)
    return run_document(run)


@router.post(
    PLACE + "/{run_id}/heartbeat",
    auth=Needs(Right.OPERATE, keeps=False),
    openapi_extra=answers(
        {
            "status": "string",
            "stop": "boolean",
            "graceSeconds": "number",
            "nextBeatSeconds": "number",
        }
    ),
)
def beat(
    request: ApiRequest, ws: str, run_id: str, body: BeatBody, wait: Number = 0
) -> dict[str, Any]:
    """Say that the process lives; the answer may wait up to 9 seconds for a wish to stop."""
    run = request.auth.run(ws, run_id)
    first = lifecycle.beat(run, by=request.auth.actor, host=body.host)
    if first.stop or not wait:
        return _beat_document(first, limits.BEAT_SECONDS)
    answer, waited = wait_for(lambda: _stop(run), min(wait, BEAT_WAIT))
    return _beat_document(answer or first, limits.BEAT_SECONDS if waited else SHORTLY)


def _stop(run: Run) -> lifecycle.Beat | None:
    seen = lifecycle.look(run)
    return seen if seen.stop else None


def _beat_document(beat: lifecycle.Beat, again: float) -> dict[str, Any]:
    return {
        "status": beat.status.value,
        "stop": beat.stop,
        "graceSeconds": beat.grace_seconds,
        "nextBeatSeconds": again,
    }


def _step(text: str) -> Step:
    try:
        return Step(text)
    except ValueError:
        known = ", ".join(step.value for step in Step)
        raise Refused(Code.BAD_REQUEST, f"A step is one of {known}.", field="step") from None
