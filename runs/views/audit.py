"""The audit of a workspace: a page for its owners, and a file of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from runs.access import ID_DIGITS, Right
from runs.actions import members
from runs.queries import audit
from runs.views.doors import Visit, in_workspace

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

# How verbs begin, and what people call that.
NOUNS = (
    ("sign_in.", "Sign-ins"),
    ("session.", "Sessions"),
    ("password.", "Passwords"),
    ("token.", "API tokens"),
    ("member.", "Members"),
    ("invitation.", "Invitations"),
    ("workspace.", "Workspace"),
    ("run.edit", "Edits of runs"),
    ("run.cancel", "Cancels"),
    ("run.delete", "Deleted runs"),
    ("run.purge", "Runs ended for good"),
    ("runs.export", "Exports"),
    ("view.", "Views"),
    ("retention.", "Retention"),
)
_FILES = {
    "csv": (audit.as_csv, "text/csv; charset=utf-8"),
    "ndjson": (audit.as_ndjson, "application/x-ndjson"),
}


@never_cache
@require_safe
@in_workspace(Right.MANAGE)
def show(visit: Visit) -> HttpResponse:
    """Show what was done here, the newest first."""
    asked = {name: visit.request.GET.get(name, "") for name in ("verb", "who")}
    found = audit.lines(visit.workspace, **asked)
    after = visit.request.GET.get("after", "")
    if after.isascii() and after.isdigit() and len(after) < ID_DIGITS:
        found = found.filter(pk__lt=int(after))
    page = list(found[: audit.AT_ONCE + 1])
    told = {
        "visit": visit,
        "settings": True,
        "workspace": visit.workspace,
        "lines": page[: audit.AT_ONCE],
        "following": page[audit.AT_ONCE - 1].pk if len(page) > audit.AT_ONCE else None,
        "people": [each.user.username for each in members.of(visit.workspace)],
        "nouns": NOUNS,
        "asked": asked,
        "address": urlencode({name: text for name, text in asked.items() if text}),
    }
    return render(visit.request, "workspaces/audit.html", told)


@require_safe
@in_workspace(Right.MANAGE)
def as_file(visit: Visit, format: str) -> HttpResponseBase:
    """Download what the page shows, all of it."""
    if format not in _FILES:
        raise Http404("There is no such kind of file.")
    make, kind = _FILES[format]
    asked = {name: visit.request.GET.get(name, "") for name in ("verb", "who")}
    response = StreamingHttpResponse(make(audit.lines(visit.workspace, **asked)), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="audit.{format}"'
    response["Cache-Control"] = "private, no-store"
    return response
