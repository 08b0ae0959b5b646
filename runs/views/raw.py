"""One run as the REST API tells it: to read, to copy and to keep."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from runs.access import Right
from runs.documents import run_document
from runs.folding import TooLargeError, folded
from runs.views.doors import Visit, find_run, in_workspace

if TYPE_CHECKING:
    from django.utils.safestring import SafeString


@require_safe
@in_workspace(Right.VIEW)
def raw(visit: Visit, run_id: str) -> HttpResponse:
    """Show the document of a run; ``download`` gives it as a file."""
    run = find_run(visit, run_id)
    run.workspace = visit.workspace
    text = json.dumps(run_document(run), cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
    if "download" not in visit.request.GET:
        context = {"workspace": visit.workspace, "run": run, "text": text, "html": _folded(text)}
        return render(visit.request, "runs/raw.html", context)
    response = HttpResponse(text, content_type="application/json")
    name = content_disposition_header(as_attachment=True, filename=f"{run.run_id}.json")
    response["Content-Disposition"] = name or "attachment"
    return response


def _folded(text: str) -> SafeString | None:
    try:
        return folded(json.loads(text))
    except TooLargeError:
        return None
