"""Runs side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from runs import live
from runs.access import Right
from runs.downloads import IMAGES
from runs.queries import compare, compare_metrics
from runs.views import charts, compare_charts, compare_state, view_menu
from runs.views.doors import Visit, in_workspace, is_partial

if TYPE_CHECKING:
    from django.http import HttpResponse

    from runs.models import Run
    from runs.queries.compare import Chosen
    from runs.queries.compare_metrics import Image
    from runs.views.compare_state import CompareState

_CHARTS = 12
_MOST_CHARTS = 100


@require_safe
@vary_on_headers("HX-Request")
@in_workspace(Right.VIEW)
def page(visit: Visit) -> HttpResponse:
    """Show the runs that the address names side by side."""
    slug = visit.request.GET.get("view", "")
    view = view_menu.opened(visit, slug) if slug else None
    if view is not None and not view.is_comparison:
        return redirect(view.address)
    state, problems = compare_state.read(visit.request.GET, view)
    changed_state = _pressed(visit, state)
    if changed_state is not None:
        place = reverse("compare", args=[visit.workspace.name])
        return redirect(place + changed_state.link())
    found = compare.chosen(visit.actor, visit.workspace, state.runs[: compare.MOST_RUNS])
    changed = ".".join(f"{run.pk}-{run.revision}" for run in found.runs)
    known = live.unchanged(visit.request, changed)
    if known is not None and found.runs:
        return known
    problems += _problems(visit, state, found)
    state = state.found([run.run_id for run in found.runs], found.missing)
    context = {"visit": visit, "workspace": visit.workspace, "state": state, "changed": changed}
    context |= {"problems": problems, "most": compare.MOST_RUNS, "comparing": True}
    if found.runs:
        context |= _compared(state, found.runs)
    if is_partial(visit.request):
        return render(visit.request, "compare/_compare.html", context)
    context |= view_menu.around(visit, view_menu.views_of(visit), view)
    return render(visit.request, "compare/page.html", context)


def _compared(state: CompareState, runs: list[Run]) -> dict[str, Any]:
    found = compare.compare(
        runs, base=state.place, only_differing=state.only_differing, find=state.find
    )
    curves = found.measured.curves
    pictures = compare_metrics.images(runs, found.measured.pictures)
    of_runs = compare_state.CompareState(runs=state.runs)
    return {
        "found": found,
        "switched": state.link(differ=not state.only_differing),
        "everything": state.link(find="", differ=False),
        "axes": compare_charts.of_columns(state, found),
        "cards": charts.of_metrics(curves[:_CHARTS]),
        "more_cards": charts.of_metrics(curves[_CHARTS:_MOST_CHARTS], first=_CHARTS + 1),
        "charts_left_out": max(len(curves) - _MOST_CHARTS, 0),
        "source": f"{reverse('chart_data', args=[runs[0].workspace.name])}{of_runs.link()}",
        "sections": [(each, each.name in state.closed) for each in found.sections],
        "images": {name: _shown(runs, each) for name, each in pictures.items()},
        "images_left_out": len(found.measured.pictures) - len(pictures),
    }


def _shown(runs: list[Run], images: list[Image | None]) -> list[tuple[Run, Image | None, str]]:
    """Return the image of each run with its address, "" of one that no browser is given."""
    found = []
    for run, image in zip(runs, images, strict=True):
        can_be_shown = image is not None and image.path.lower().endswith(IMAGES)
        place = [run.workspace.name, run.run_id, image.path if image else ""]
        found.append((run, image, reverse("run_file", args=place) if can_be_shown else ""))
    return found


def _problems(visit: Visit, state: CompareState, found: Chosen) -> list[str]:
    told = []
    ids, (_, twice) = state.runs, compare.ids_of(visit.request.GET.get("runs", ""))
    if found.missing:
        names = ", ".join(f"“{each[:100]}”" for each in found.missing)
        one = len(found.missing) == 1
        told.append(
            f"There {'is no run' if one else 'are no runs'} {names} in this workspace. "
            f"{'It' if one else 'They'} may have been deleted; the bin keeps runs for 30 days."
        )
    if len(ids) > compare.MOST_RUNS:
        rest = len(ids) - compare.MOST_RUNS
        told.append(
            f"Up to {compare.MOST_RUNS} runs are compared at once: the last {rest} "
            "are left out. Leave out others to make room."
        )
    if twice:
        told.append(f"Each run is shown once; the address names {', '.join(twice)[:300]} again.")
    if state.base and state.base not in [run.run_id for run in found.runs]:
        told.append(
            f"The baseline “{state.base[:100]}” is none of these runs; the first one is it instead."
        )
    return told


def _pressed(visit: Visit, state: CompareState) -> CompareState | None:
    """Return the state that a button of the page asks for, None where none was pressed."""
    asked = visit.request.GET
    added = asked.get("add", "").strip()
    if added:
        named = compare.id_of(visit.actor, visit.workspace, added)
        return replace(state, runs=tuple(dict.fromkeys([*state.runs, *compare.ids_of(named)[0]])))
    pressed = [step for step in compare_state.STEPS if asked.get(step)]
    return state.after(pressed[0], asked[pressed[0]]) if pressed else None
