"""The Images tab of a run: a gallery by name and step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from django.shortcuts import render
from django.urls import reverse

from runs.downloads import IMAGES
from runs.queries.images import images
from runs.views.doors import Visit, is_partial
from runs.views.run_tab import Context, run_tab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from runs.models import Run
    from runs.queries.images import Image, Named

# So many sentences say what an address has and the run has not.
_MOST_TOLD = 3


@run_tab("images")
def show(visit: Visit, run: Run, around: Context) -> HttpResponse:
    """Show what a run has logged as images."""
    found, left_out = images(run)
    context = {
        **around,
        "not_there": _not_there(visit.request.GET.get("steps", ""), found),
        "names": [_drawn(visit, run, named) for named in found],
        "left_out": left_out,
    }
    template = "runs/_images.html" if is_partial(visit.request) else "runs/images.html"
    return render(visit.request, template, context)


def _not_there(asked: str, found: Sequence[Named]) -> list[str]:
    """Return a sentence for each name and step of an address that the run has not.

    The slider of all names writes one step for each of them, so a step of any name is there.
    """
    names = {named.name for named in found}
    steps = {str(image.step) for named in found for image in named.images}
    told: dict[str, None] = {}
    for pair in filter(None, asked.split(",")):
        written, _, step = pair.partition("~")
        name = unquote(written)
        if name not in names:
            told[f"No image “{name[:60]}” is shown here."] = None
        elif step not in steps:
            told[f"No image here has a step “{step[:20]}”: the nearest before it is shown."] = None
    return list(told)[:_MOST_TOLD]


def _drawn(visit: Visit, run: Run, named: Named) -> dict[str, Any]:
    steps = [_step(visit, run, image) for image in named.images]
    return {
        "name": named.name,
        "count": named.count,
        "shown": len(steps),
        "last": steps[-1],
        "steps": json.dumps(steps, ensure_ascii=False),
    }


def _step(visit: Visit, run: Run, image: Image) -> dict[str, Any]:
    """Return one image for the page; one that no browser shows safely has a file only."""
    address = reverse("run_file", args=[visit.workspace.name, run.run_id, image.path])
    is_shown = image.path.lower().endswith(IMAGES)
    return {
        "file": address,
        "address": f"{address}?show" if is_shown else "",
        "path": image.path,
        "step": image.step,
        "time": image.time,
    }
