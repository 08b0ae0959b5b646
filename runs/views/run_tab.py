"""What all tabs of a run share: the door, the answer to those who know it all, and the head above."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from runs import live
from runs.access import Right
from runs.actions import bells, resubmit
from runs.models import RunStar
from runs.queries import history
from runs.queries.family import family
from runs.queries.standing import standing
from runs.rights import may_delete
from runs.views.doors import Visit, find_run, in_workspace

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from runs.models import Run

Context = dict[str, Any]
# The policy of pages that show a PDF: the browser's own viewer of it stands in a frame.
FRAMES = {"frame-src": ["'self'"]}
Tab = Callable[[Visit, "Run", Context], "HttpResponse"]


def run_tab(name: str) -> Callable[[Tab], Callable[..., HttpResponseBase]]:
    """Open a view as the tab of that name; it gets the visit, the run and what is around it.

    It is not asked for what the page shows already: then the answer is 204.
    """

    def opened(view: Tab) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def show(visit: Visit, run_id: str) -> HttpResponse:
            run = find_run(visit, run_id)
            changed = live.of_run(run)
            known = live.unchanged(visit.request, changed)
            return known or view(visit, run, frame(visit, run, name, changed))

        return require_safe(vary_on_headers("HX-Request")(in_workspace(Right.VIEW)(show)))

    return opened


def frame(visit: Visit, run: Run, tab: str, changed: str = "") -> Context:
    """Return what every page of a run shows around its own."""
    changed = changed or live.of_run(run)
    run.workspace = visit.workspace
    return {
        "visit": visit,
        "workspace": visit.workspace,
        "run": run,
        "tab": tab,
        "changed": changed,
        "head_changed": changed,
        "error": (run.error or {}).get("error"),
        "standing": standing(run),
        "family": family(run),
        "is_starred": RunStar.objects.filter(run=run, user=visit.actor.user).exists(),
        "has_bell": bells.has_bell(run, visit.actor),
        "no_bell": bells.cannot_mail(visit.actor.user) if visit.actor.user else "",
        "may_cancel": visit.may(Right.CANCEL),
        "may_edit": visit.may(Right.EDIT),
        "may_operate": visit.may(Right.OPERATE),
        "may_bulk": visit.may(Right.BULK),
        "may_delete": may_delete(visit.rights, is_own=visit.actor.has_submitted(run)),
        "not_again": resubmit.why_not(run)
        if visit.may(Right.START)
        else "A reader starts no runs.",
        "is_cancel_unanswered": history.is_cancel_unanswered(run),
    }
