"""The description of a run: writing it, what it was before, and what is attached to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from runs import downloads
from runs.access import Right
from runs.actions import attachments, descriptions, runs
from runs.actions.refused import Refused
from runs.queries import descriptions as past
from runs.queries import differences
from runs.views.doors import Visit, find_run, in_workspace, is_partial
from runs.views.run_tab import frame
from studio.contract import limits, places
from studio.contract.errors import HTTP_STATUS, Code

if TYPE_CHECKING:
    from django.http import QueryDict
    from django.http.response import HttpResponseBase

    from runs.models import Attachment, Run

_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes: over which version, and what that version was."""

    text: str
    version: int
    base: str

    @classmethod
    def of_run(cls, run: Run) -> Draft:
        """Return the draft that writing begins with."""
        return cls(_lines(run.description), run.version, _lines(run.description))

    @classmethod
    def sent(cls, asked: QueryDict) -> Draft:
        """Return the draft that a form has sent."""
        version = _number(asked.get("version", ""))
        return cls(_lines(asked.get("text", "")), version, _lines(asked.get("base", "")))


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_workspace(Right.EDIT)
def edit(visit: Visit, run_id: str) -> HttpResponse:
    """Write the description; a page of its own, or the part of it that the overview takes in."""
    run = find_run(visit, run_id)
    if visit.request.method != "POST":
        return _editor(visit, run, Draft.of_run(run))
    draft, asked = Draft.sent(visit.request.POST), visit.request.POST.get("do", "save")
    if asked == "preview":
        return _editor(visit, run, draft, preview=_drawn(run, draft.text))
    try:
        if asked == "attach":
            return _editor(visit, run, _with_attachment(visit, run, draft))
        _save(visit, run, draft)
    except Refused as refused:
        if refused.code is Code.CONFLICT and "current" in refused.extra:
            return _conflict(visit, run, draft, refused)
        return _editor(visit, run, draft, problem=refused)
    if is_partial(visit.request):
        return HttpResponse(status=204)
    said = "The description is saved." if draft.text else "The description is deleted."
    messages.success(visit.request, said)
    return redirect("run", ws=visit.workspace.name, run_id=run.run_id)


@require_POST
@in_workspace(Right.EDIT)
def preview(visit: Visit, run_id: str) -> HttpResponse:
    """Draw a text as it would be shown."""
    run = find_run(visit, run_id)
    return HttpResponse(_drawn(run, _lines(visit.request.POST.get("text", ""))))


@require_safe
@in_workspace(Right.VIEW)
def history(visit: Visit, run_id: str) -> HttpResponse:
    """Show what the description has been, and what a version changed."""
    run = find_run(visit, run_id)
    asked = visit.request.GET
    versions = past.versions(run, before=_number(asked.get("before", "")))
    newest = versions[0].number if versions else 0
    chosen = _number(asked["version"]) if "version" in asked else newest
    text = past.text_of(run, chosen)
    if text is None:
        raise Http404("The description has no such version.")
    is_against_now = asked.get("against") == "now"
    then = past.text_before(run, chosen)
    context = {
        **frame(visit, run, "overview"),
        "versions": versions,
        "older": versions[-1].number if len(versions) == past.VERSIONS else 0,
        "chosen": chosen,
        "text": text,
        "is_against_now": is_against_now,
        "rows": _compared(text, run.description) if is_against_now else _compared(then, text),
        "is_now": text == run.description,
        "can_edit": visit.may(Right.EDIT),
    }
    return render(visit.request, "descriptions/history.html", context)


@require_POST
@in_workspace(Right.EDIT)
def restore(visit: Visit, run_id: str) -> HttpResponse:
    """Save an older version as the newest one."""
    run = find_run(visit, run_id)
    asked = visit.request.POST
    text = past.text_of(run, _number(asked.get("number", "")))
    if text is None:
        raise Http404("The description has no such version.")
    try:
        runs.edit(run, by=visit.actor, description=text, version=_number(asked.get("version", "")))
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} Look again, and restore it then.")
        return redirect("description_history", ws=visit.workspace.name, run_id=run.run_id)
    messages.success(visit.request, "The description is what it was then.")
    return redirect("run", ws=visit.workspace.name, run_id=run.run_id)


@require_POST
@in_workspace(Right.EDIT)
def attach(visit: Visit, run_id: str) -> JsonResponse:
    """Store a file that was dropped on the editor; answers with the Markdown that shows it."""
    run = find_run(visit, run_id)
    try:
        attachment = _attached(visit, run)
    except Refused as refused:
        told = {"detail": refused.detail, "hint": refused.hint}
        return JsonResponse(told, status=HTTP_STATUS[refused.code])
    return JsonResponse({"markdown": attachments.markdown(attachment)}, status=201)


@require_safe
@in_workspace(Right.VIEW)
def attachment(visit: Visit, run_id: str, name: str) -> HttpResponseBase:
    """Return an attachment: a picture to be shown, anything else as a download."""
    run = find_run(visit, run_id)
    found = run.attachments.filter(name=name).first()
    if found is None:
        raise Http404("This run has no such attachment.")
    response = downloads.shown_attachment(found, run.workspace_id)
    response["Cache-Control"] = "private, no-store"
    return response


def _save(visit: Visit, run: Run, draft: Draft) -> None:
    """Save a draft; what else of the run has changed meanwhile is no matter."""
    try:
        runs.edit(run, by=visit.actor, description=draft.text, version=draft.version)
    except Refused as refused:
        now = refused.extra.get("current")
        if now is None or _lines(now["description"]) not in (draft.base, draft.text):
            raise
        runs.edit(run, by=visit.actor, description=draft.text, version=now["version"])


def _editor(
    visit: Visit, run: Run, draft: Draft, *, preview: str = "", problem: Refused | None = None
) -> HttpResponse:
    context = {**_writing(visit, run, draft), "preview": preview, "problem": problem}
    template = (
        "descriptions/_editor.html" if is_partial(visit.request) else "descriptions/edit.html"
    )
    status = HTTP_STATUS[problem.code] if problem else 200
    return render(visit.request, template, context, status=status)


def _conflict(visit: Visit, run: Run, draft: Draft, refused: Refused) -> HttpResponse:
    """Show what somebody else saved beside what is being saved, and both as one text."""
    current = refused.extra["current"]
    theirs = _lines(current["description"])
    merged = differences.merge(draft.base, draft.text, theirs)
    by = next(iter(past.versions(run, most=1)), None)
    context = {
        **_writing(visit, run, Draft(merged.text, current["version"], theirs)),
        "mine": draft.text,
        "theirs": theirs,
        "by": by,
        "clashes": merged.clashes,
        "rows": _compared(theirs, draft.text),
        "is_conflict": True,
    }
    return render(visit.request, "descriptions/conflict.html", context, status=409)


def _writing(visit: Visit, run: Run, draft: Draft) -> dict[str, Any]:
    return {
        **frame(visit, run, "overview"),
        "draft": draft,
        "longest": limits.DESCRIPTION,
        "longest_file": limits.ATTACHMENT_BYTES,
        "endings": attachments.ENDINGS,
        "kept_as": f"{places.run_page(visit.workspace.name, run.run_id)} {visit.actor.name}",
    }


def _attached(visit: Visit, run: Run) -> Attachment:
    file = visit.request.FILES.get("file")
    if file is None:
        raise Refused(
            Code.BAD_REQUEST,
            f"There is no file, or it has more than {limits.ATTACHMENT_BYTES // 1024**2} MB.",
            field="file",
        )
    stored, _ = attachments.put(run, by=visit.actor, name=file.name or "", stream=file)
    return stored


def _with_attachment(visit: Visit, run: Run, draft: Draft) -> Draft:
    said = attachments.markdown(_attached(visit, run))
    text = f"{draft.text.rstrip()}\n\n{said}\n".lstrip()
    return Draft(text, draft.version, draft.base)


def _drawn(run: Run, text: str) -> str:
    """Return a text as HTML; one that is too long has its beginning drawn."""
    return mark_safe(descriptions.draw(run, text[: limits.DESCRIPTION]))  # noqa: S308 (drawn by the gate)


def _compared(before: str, after: str) -> dict[str, Any]:
    rows = differences.compare(_lines(before), _lines(after))
    return {"shown": rows[:_ROWS], "more": max(len(rows) - _ROWS, 0)}


def _lines(text: str) -> str:
    """Return a text as the database keeps what is written here: browsers send other line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
