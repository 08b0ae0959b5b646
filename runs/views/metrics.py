"""The Metrics tab of a run: its list of metrics, and what each chart is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from runs.access import Right
from runs.actions.refused import Refused
from runs.queries import metric_rows, special, windows
from runs.queries.paging import BIGGEST_ID
from runs.views.doors import Visit, find_run, in_workspace, is_partial
from runs.views.problems import problem
from runs.views.run_tab import Context, run_tab
from studio.contract.errors import Code
from studio.contract.words import SYSTEM_METRICS, MetricKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase

    from runs.models import Metric, Run

# So long is an arrangement that is remembered, as the address has it.
_LONGEST = 4_000
# So many metrics has one chart.
_MOST_NAMES = 200
_REMEMBERED = "metrics-tab"


@run_tab("metrics")
def show(visit: Visit, run: Run, around: Context) -> HttpResponse:
    """Show the metrics of a run; the charts come by themselves."""
    found = list(run.metrics.exclude(kind=MetricKind.IMAGE).order_by("name"))
    context = {
        **around,
        # What the machine measured of itself comes last.
        "metrics": sorted(found, key=lambda metric: metric.name.startswith(SYSTEM_METRICS)),
        "origin": windows.origin(run),
    }
    if is_partial(visit.request):
        return render(visit.request, "runs/_metric_list.html", context)
    remembered = visit.request.session.get(_REMEMBERED, {}).get(str(visit.workspace.pk), "")
    return render(visit.request, "runs/metrics.html", {**context, "remembered": remembered})


@require_safe
@in_workspace(Right.VIEW)
def points(visit: Visit, run_id: str) -> HttpResponse:
    """Answer with the points of the metrics of one chart in a window, each as the REST API does."""
    run = find_run(visit, run_id)
    asked = {name: visit.request.GET.get(name, "") for name in windows.NAMES}
    try:
        window = windows.read(asked, run)
        found = [windows.document(run, metric, window) for metric in _named(visit, run)]
    except Refused as refused:
        return problem(refused)
    response = JsonResponse({"series": found})
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@in_workspace(Right.VIEW)
def rows(visit: Visit, run_id: str) -> HttpResponse:
    """Answer with a page of the values of one metric, each as it was logged."""
    return _answer(visit, run_id, lambda _, metric: metric_rows.page(metric, _place(visit) or 0))


@require_safe
@in_workspace(Right.VIEW)
def drawing(visit: Visit, run_id: str) -> HttpResponse:
    """Answer with what is drawn of a metric that is no series."""

    def told(run: Run, metric: Metric) -> dict[str, Any]:
        if metric.kind in special.FILES:
            return special.drawing(run, metric, _place(visit))
        return {"name": metric.name, "kind": metric.kind, **metric_rows.table(metric)}

    return _answer(visit, run_id, told)


@require_safe
@in_workspace(Right.VIEW)
def as_csv(visit: Visit, run_id: str) -> HttpResponseBase:
    """Send all values of some metrics as one file."""
    run = find_run(visit, run_id)
    try:
        metrics = _named(visit, run)
    except Refused as refused:
        return problem(refused)
    pieces = (piece.encode() for piece in metric_rows.as_csv(metrics))
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    name = f"{run.display_name}-{metrics[0].name}.csv".replace("/", "-")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@in_workspace(Right.VIEW)
def remember(visit: Visit) -> HttpResponse:
    """Keep how somebody has arranged the charts, for the next run that they open here."""
    asked = visit.request.POST.get("query", "")
    if len(asked) > _LONGEST:
        reason = f"An arrangement of up to {_LONGEST:,} characters is remembered."
        return problem(Refused(Code.TOO_LARGE, reason, field="query"))
    kept = visit.request.session.get(_REMEMBERED, {})
    visit.request.session[_REMEMBERED] = {**kept, str(visit.workspace.pk): asked}
    return HttpResponse(status=204)


def _named(visit: Visit, run: Run) -> list[Metric]:
    """Return the metrics that are named, in that order; refuses none, and too many."""
    names = visit.request.GET.getlist("name")
    if not 1 <= len(names) <= _MOST_NAMES:
        raise Refused(Code.BAD_REQUEST, f"Name 1 to {_MOST_NAMES} metrics.", field="name")
    return windows.metrics_of(run, names)


def _answer(
    visit: Visit, run_id: str, told: Callable[[Run, Metric], dict[str, Any]]
) -> HttpResponse:
    run = find_run(visit, run_id)
    try:
        metric = windows.metric_of(run, visit.request.GET.get("name", ""))
        response = JsonResponse(told(run, metric))
    except Refused as refused:
        return problem(refused)
    response["Cache-Control"] = "no-store"
    return response


def _place(visit: Visit) -> int | None:
    text = visit.request.GET.get("start", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= BIGGEST_ID):
        raise Refused(Code.BAD_REQUEST, "start should be a whole number.", field="start")
    return int(text)
