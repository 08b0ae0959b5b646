"""What people change on a run: its name, tags and star, its end, and a second start."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from runs.access import Right
from runs.actions import comments, labels, lifecycle, resubmit, runs, stars, trees
from runs.actions.refused import Refused
from runs.views.doors import Visit, find_run, in_workspace
from runs.views.run import show
from runs.views.run_tab import frame
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from runs.models import Run

Tags = dict[str, str | None]


@require_POST
@in_workspace(Right.EDIT)
def rename(visit: Visit, run_id: str) -> HttpResponse:
    """Give the run another display name."""
    name = visit.request.POST.get("display_name", "").strip()
    return _do(visit, run_id, lambda run: runs.edit(run, by=visit.actor, display_name=name))


@require_POST
@in_workspace(Right.EDIT)
def tag(visit: Visit, run_id: str) -> HttpResponse:
    """Store the tags as the editor has them; what cannot be stored stays in the editor."""
    run = find_run(visit, run_id)
    wanted = _tags(visit)
    try:
        labels.edit_tags(run, _seen(visit), dict(wanted), by=visit.actor)
    except Refused as refused:
        seen = refused.extra.get("tags", _seen(visit))
        problem = f"{refused.detail} {refused.hint}".strip()
        around = frame(visit, run, "overview")
        return show(
            visit,
            run,
            around,
            status=409,
            tagging={"rows": wanted, "seen": seen, "problem": problem},
        )
    return redirect("run", ws=visit.workspace.name, run_id=run.run_id)


@require_POST
@in_workspace(Right.VIEW)
def star(visit: Visit, run_id: str) -> HttpResponse:
    """Star the run, or no more."""
    on = visit.request.POST.get("on") == "true"
    return _do(visit, run_id, lambda run: stars.star(run, by=visit.actor, on=on))


@require_POST
@in_workspace(Right.CANCEL)
def cancel(visit: Visit, run_id: str) -> HttpResponse:
    """Ask the run to stop, and all runs below it if that is asked."""
    if visit.request.POST.get("children") == "true":
        return _do(visit, run_id, lambda run: trees.cancel_tree(run, by=visit.actor))
    return _do(visit, run_id, lambda run: lifecycle.request_cancel(run, by=visit.actor))


@require_POST
@in_workspace(Right.CANCEL)
def ask_again(visit: Visit, run_id: str) -> HttpResponse:
    """Ask once more for a cancel that nobody has answered."""
    return _do(visit, run_id, lambda run: lifecycle.ask_again(run, by=visit.actor))


@require_POST
@in_workspace(Right.CANCEL)
def close_cancel(visit: Visit, run_id: str) -> HttpResponse:
    """Stop waiting for the answer to a cancel; its process may still live."""
    return _do(visit, run_id, lambda run: lifecycle.close_unanswered_cancel(run, by=visit.actor))


@require_POST
@in_workspace(Right.OPERATE)
def mark_failed(visit: Visit, run_id: str) -> HttpResponse:
    """Say that the run went wrong; a process that still lives is told to stop."""
    said = visit.request.POST.get("reason", "").strip()
    told = said or f"Marked as failed by {visit.actor.name}."
    error = {"code": "MarkedAsFailed", "message": told}
    return _do(visit, run_id, lambda run: lifecycle.fail(run, by=visit.actor, error=error))


@require_POST
@in_workspace(Right.START)
def start_again(visit: Visit, run_id: str) -> HttpResponse:
    """Start the run once more, perhaps with other arguments, and go there."""
    run = find_run(visit, run_id)
    try:
        text = visit.request.POST.get("arguments")
        arguments = None if text is None else _arguments(text)
        new = resubmit.resubmit(run, by=visit.actor, arguments=arguments)
    except Refused as refused:
        return _back(visit, run, refused)
    messages.success(visit.request, f"{run.display_name} was resubmitted: this is the new run.")
    return redirect("run", ws=visit.workspace.name, run_id=new.run_id)


@require_POST
@in_workspace(Right.EDIT)
def comment(visit: Visit, run_id: str) -> HttpResponse:
    """Add a comment to the history."""
    text = visit.request.POST.get("comment", "")
    place = reverse("run_history", args=[visit.workspace.name, run_id])
    return _do(visit, run_id, lambda run: comments.comment(run, text, by=visit.actor), place)


def _do(
    visit: Visit, run_id: str, change: Callable[[Run], object], place: str = ""
) -> HttpResponse:
    run = find_run(visit, run_id)
    try:
        change(run)
    except Refused as refused:
        return _back(visit, run, refused, place)
    return redirect(place or reverse("run", args=[visit.workspace.name, run.run_id]))


def _back(visit: Visit, run: Run, refused: Refused, place: str = "") -> HttpResponse:
    messages.error(visit.request, f"{refused.detail} {refused.hint}".strip())
    return redirect(place or reverse("run", args=[visit.workspace.name, run.run_id]))


def _tags(visit: Visit) -> list[tuple[str, str | None]]:
    """Return the rows of the editor; an empty value is none, unless the tag had an empty one."""
    asked = visit.request.POST
    seen = _seen(visit)
    pairs = zip(asked.getlist("key"), asked.getlist("value"), strict=False)
    rows = ((key.strip(), value.strip()) for key, value in pairs)
    return [(key, value or _empty(seen, key)) for key, value in rows if key or value]


def _empty(seen: Tags, key: str) -> str | None:
    return "" if seen.get(key) == "" else None


def _seen(visit: Visit) -> Tags:
    try:
        seen: Any = json.loads(visit.request.POST.get("seen", "{}"))
    except (ValueError, RecursionError):
        seen = None
    if not isinstance(seen, dict) or not all(isinstance(v, str | None) for v in seen.values()):
        return {}
    return seen


def _arguments(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        reason = f"These arguments cannot be read: {str(error).lower()}."
        hint = "Write them as in a shell, with each quote closed."
        raise Refused(Code.BAD_REQUEST, reason, field="arguments", hint=hint) from None
