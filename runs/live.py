"""The changes feed: what a page asks every second or two, and what differs when it should be drawn again.

A page sends back, as ``since``, what it was told last. While that is still true it gets 204 and no
more; nothing is held open, so it works through every proxy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Max
from django.http import HttpResponse

from runs.queries import history

if TYPE_CHECKING:
    from django.http import HttpRequest

    from runs.models import Run, Workspace


def of_list(workspace: Workspace) -> str:
    """Return what differs whenever any run of the workspace has changed.

    Ask before the rows are read: what changes meanwhile is then asked for again, never missed.
    """
    return str(workspace.change_number)


def of_run(run: Run) -> str:
    """Return what differs whenever the run or a child of it has changed."""
    below = run.children.aggregate(newest=Max("revision"))["newest"]
    # Time alone brings the banner of an unanswered cancel.
    return f"{run.revision}.{below or 0}.{int(history.is_cancel_unanswered(run))}"


def unchanged(request: HttpRequest, changed: str) -> HttpResponse | None:
    """Return 204 when the page that asks knows ``changed`` already, else None."""
    return HttpResponse(status=204) if request.GET.get("since") == changed else None
