"""What a page says once, after something was done: with the ways to undo it and to look at it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django.http import HttpRequest

    from runs.views.doors import Visit


def say(request: HttpRequest, text: str, *, undo: str = "", see: str = "") -> None:
    """Say it on the next page. ``undo`` is where a form is sent to, ``see`` where a link leads."""
    messages.success(request, text, extra_tags=json.dumps({"undo": undo, "see": see}))


def way_back(visit: Visit, otherwise: str) -> str:
    """Return the page that a form was sent from, one of this workspace, or another place."""
    asked = visit.request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours and asked.startswith(f"/w/{visit.workspace.name}/") else otherwise
