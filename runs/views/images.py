"""The Images tab of a run: a gallery by name and step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse

from runs.downloads import IMAGES
from runs.queries.images import images
from runs.views.doors import Visit, is_partial
from runs.views.run_tab import Context, run_tab

if TYPE_CHECKING:
    from django.http import HttpResponse

    from runs.models import Run
    from runs.queries.images import Image, Named


@run_tab("images")
def show(visit: Visit, run: Run, around: Context) -> HttpResponse:
    """Show what a run has logged as images."""
    found, left_out = images(run)
    context = {
        **around,
        "names": [_drawn(visit, run, named) for named in found],
        "left_out": left_out,
    }
    template = "runs/_images.html" if is_partial(visit.request) else "runs/images.html"
    return render(visit.request, template, context)


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
