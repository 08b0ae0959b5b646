"""Charts above the list: their frames on the page, and what each is drawn from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs.access import Right
from runs.actions.refused import Refused
from runs.queries import chart_data, charts, compare
from runs.views import list_page, list_state
from runs.views.doors import Visit, in_workspace
from runs.views.problems import problem
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from runs.models import Run
    from runs.queries.chart_data import Drawing, Mark


@dataclass(frozen=True, slots=True)
class Card:
    """The frame of one chart; ``problem`` says why it cannot be drawn."""

    place: int
    written: str
    title: str
    wide: bool
    tall: bool
    problem: str = ""


def cards(state: list_state.ListState) -> list[Card]:
    """Return the frames of the charts; a view of another time may hold some that are not known."""
    return [card(place, raw) for place, raw in enumerate(state.state.charts, 1)]


def card(place: int, raw: Any) -> Card:
    """Return the frame of a chart as an address or a view describes it."""
    try:
        chart = charts.read(raw)
    except Refused as refused:
        problem = f"{refused.detail} {refused.hint}".strip()
        return Card(place, json.dumps(raw, ensure_ascii=False), "A chart", False, False, problem)
    written = json.dumps(chart.document(), ensure_ascii=False)
    return Card(place, written, chart.title, chart.wide, chart.tall)


def of_metrics(names: Sequence[str], first: int = 1) -> list[Card]:
    """Return the frames of a line chart of each of these metrics."""
    found = [charts.Chart("line", metric=name) for name in names]
    return [
        Card(place, json.dumps(chart.document(), ensure_ascii=False), chart.title, False, False)
        for place, chart in enumerate(found, first)
    ]


@require_safe
@in_workspace(Right.VIEW)
def chart_data_of(visit: Visit) -> JsonResponse:
    """Answer with what one chart is drawn from: that of ``chart``, over the list of the rest.

    ``runs`` names runs in place of a list, as the address of a comparison does.
    """
    asked = visit.request.GET.copy()
    try:
        chart = _chart(asked.pop("chart", []))
        runs = _named(visit, asked.pop("runs")[-1]) if "runs" in asked else _listed(visit, asked)
    except Refused as refused:
        return problem(refused)
    found = chart_data.drawing(chart, runs)
    return JsonResponse({"chart": chart.document(), **_document(visit, found)})


def _named(visit: Visit, text: str) -> list[Run]:
    ids, _ = compare.ids_of(text)
    return compare.chosen(visit.actor, visit.workspace, ids[: compare.MOST_RUNS]).runs


def _listed(visit: Visit, asked: QueryDict) -> list[Run]:
    return list_page.listed(visit, list_state.of_address(visit, asked.urlencode())).runs


def _chart(given: list[Any]) -> charts.Chart:
    if len(given) != 1:
        raise Refused(Code.BAD_REQUEST, "One chart is asked for.", field="chart")
    found = charts.parse(f"[{given[0]}]")
    if len(found) != 1:
        raise Refused(Code.BAD_REQUEST, "One chart is asked for.", field="chart")
    return charts.read(found[0])


def _document(visit: Visit, found: Drawing) -> dict[str, Any]:
    return {
        "summary": found.summary,
        "axes": [axis.document() for axis in found.axes],
        "heads": found.heads,
        "marks": [_mark(visit, mark) for mark in found.marks],
    }


def _mark(visit: Visit, mark: Mark) -> dict[str, Any]:
    run = mark.run
    told = {
        "number": run.pk,
        "name": run.display_name,
        "address": reverse("run", args=[visit.workspace.name, run.run_id]),
        "cells": mark.cells,
    }
    if mark.points is None:
        return {**told, "values": mark.values}
    steps, numbers = [step for step, _ in mark.points], [value for _, value in mark.points]
    return {**told, "steps": steps, "values": numbers}
