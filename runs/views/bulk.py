"""Work on the selected runs of the list, and the page that follows it."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from runs import live
from runs.access import Right
from runs.actions import bulk, bulk_work
from runs.actions.bulk_rules import ASKED
from runs.actions.refused import Refused
from runs.models import Task
from runs.models.task import Kind, Result
from runs.queries.paging import page
from runs.queries.runs import RunQuery
from runs.queries.selection import Selection, chosen, preview
from runs.views import list_state, task_words, toasts
from runs.views.doors import Visit, in_workspace, is_partial
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from django.http import HttpResponse

_SHOWN = 200


@require_POST
@in_workspace(Right.BULK)
def look_first(visit: Visit) -> JsonResponse:
    """Say how many of the selected runs each action can touch, and why not the others."""
    try:
        seen = preview(selection_of(visit), workspace=visit.workspace, by=visit.actor)
    except Refused as refused:
        return JsonResponse({"problem": f"{refused.detail} {refused.hint}".strip()}, status=400)
    reasons: dict[str, list[str]] = {}
    for action, run_id, reason in seen.reasons:
        reasons.setdefault(action, []).append(f"{run_id}: {reason}")
    return JsonResponse(
        {
            "selected": seen.selected,
            "isCapped": seen.is_capped,
            "touches": seen.touches,
            "reasons": reasons,
        }
    )


@require_POST
@in_workspace(Right.BULK)
def begin(visit: Visit) -> HttpResponse:
    """Do something to the selected runs: at once if they are few, else as a task with a page."""
    asked = visit.request.POST
    place = reverse("runs", args=[visit.workspace.name]) + _address(asked.get("address", ""))
    back = toasts.way_back(visit, place)
    try:
        kind = _kind(asked.get("action", ""))
        runs = chosen(selection_of(visit), workspace=visit.workspace, by=visit.actor)
        task = bulk.start(
            visit.workspace,
            runs,
            by=visit.actor,
            kind=kind,
            arguments=_arguments(kind, asked.get("text", "")),
            confirm=_number(asked.get("confirm", "")),
        )
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}".strip())
        return redirect(back)
    return _begun(visit, task, back)


@require_safe
@vary_on_headers("HX-Request")
@in_workspace(Right.BULK)
def task(visit: Visit, number: str) -> HttpResponse:
    """Show how far a task is, and how it went for each run."""
    found = _found(visit, number)
    changed = f"{found.state}.{found.done}.{found.refused}"
    known = live.unchanged(visit.request, changed)
    if known is not None:
        return known
    rows = found.runs.exclude(result=Result.PENDING).order_by("-result", "run")[:_SHOWN]
    context = {
        "visit": visit,
        "workspace": visit.workspace,
        "task": found,
        "rows": list(rows),
        "shown": _SHOWN,
        "changed": changed,
        "heading": task_words.heading(found),
        "can_undo": bulk.can_be_undone(found),
        "refused": Result.REFUSED,
    }
    template = "runs/_task.html" if is_partial(visit.request) else "runs/task.html"
    return render(visit.request, template, context)


@require_safe
@in_workspace(Right.BULK)
def tasks(visit: Visit) -> HttpResponse:
    """List what was done to runs in the last days, the newest first."""
    rows = Task.objects.inside(visit.workspace).select_related("created_by")
    try:
        found, following = page(
            rows, limits.PAGE, visit.request.GET.get("after", ""), field="after"
        )
    except Refused as refused:
        raise Http404(refused.detail) from None
    context = {
        "visit": visit,
        "workspace": visit.workspace,
        "tasks": [(task, task_words.heading(task), bulk.can_be_undone(task)) for task in found],
        "following": following,
    }
    return render(visit.request, "runs/tasks.html", context)


@require_POST
@in_workspace(Right.BULK)
def stop(visit: Visit, number: str) -> HttpResponse:
    """Do nothing more."""
    bulk.stop(_found(visit, number))
    return redirect("task", ws=visit.workspace.name, number=number)


@require_POST
@in_workspace(Right.BULK)
def undo(visit: Visit, number: str) -> HttpResponse:
    """Put back what a task did."""
    try:
        undoing = bulk.undo(_found(visit, number), by=visit.actor)
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}".strip())
        place = reverse("task", args=[visit.workspace.name, number])
        return redirect(toasts.way_back(visit, place))
    place = reverse("task", args=[visit.workspace.name, str(undoing.pk)])
    return _begun(visit, undoing, toasts.way_back(visit, place))


def _begun(visit: Visit, task: Task, back: str) -> HttpResponse:
    number = str(task.pk)
    place = reverse("task", args=[visit.workspace.name, number])
    if not bulk.is_done_at_once(Kind(task.kind), task.total):
        return redirect(place)
    bulk_work.work_at_once(task, secrets.token_hex(16))
    task.refresh_from_db()
    undo = reverse("undo_task", args=[visit.workspace.name, number])
    undo = undo if bulk.can_be_undone(task) else ""
    toasts.say(visit.request, task_words.ended(task), undo=undo, see=place)
    return redirect(back)


def selection_of(visit: Visit) -> Selection:
    """Return the runs that are meant: those that are ticked, or all that the list matches."""
    asked = visit.request.POST
    is_binned = asked.get("bin") == "true"
    if is_binned and asked.get("scope") == "all":
        return Selection(in_bin=True)
    if asked.get("scope") == "all":
        state = list_state.of_address(visit, asked.get("address", "")).state
        return Selection(query=RunQuery(filter=state.filter, include_children=state.children))
    try:
        ids = json.loads(asked.get("runs", "[]"))
    except (ValueError, RecursionError):
        ids = None
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise Refused(Code.BAD_REQUEST, "Runs are named by their ids.", field="runs")
    with_children = asked.get("children") == "true"
    # The bin has one button for each run.
    ids += asked.getlist("run")
    return Selection(tuple(dict.fromkeys(ids)), with_children=with_children, in_bin=is_binned)


def _arguments(kind: Kind, text: str) -> dict[str, Any]:
    """Return the tags in a text: ``key`` or ``key=value``, one a line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if kind is Kind.UNTAG:
        return {"keys": lines}
    if kind is not Kind.TAG:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {"tags": {key.strip(): value.strip() if sign else None for key, sign, value in pairs}}


def _kind(text: str) -> Kind:
    known = {kind.value: kind for kind in ASKED}
    if text not in known:
        raise Refused(Code.BAD_REQUEST, f'There is no action "{text[:50]}".', field="action")
    return known[text]


def _found(visit: Visit, number: str) -> Task:
    try:
        return bulk.task_for(visit.actor, visit.workspace, number)
    except Refused as refused:
        raise Http404(refused.detail) from None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _address(text: str) -> str:
    return text if text.startswith("?") else ""
