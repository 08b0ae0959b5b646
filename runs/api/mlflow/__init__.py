"""MLflow's tracking API, so that its clients log here as they are: words translated, actions shared.

Everything is served plain, for the caller's own workspace, and below ``w/<workspace>/``.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.urls import path, re_path

from runs.api.mlflow.door import Probe, Room, Route, TrackingDoor, TrackingNowhere
from runs.api.mlflow.routes import PROBES, ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runs.api.door import Serves

_PLACES = ("", "w/<str:ws>/")
_ROOTS = ("api/", "ajax-api/")


def addresses(route: Route | Probe) -> Iterator[str]:
    """Yield every address of a route."""
    for place in _PLACES:
        if route.path.startswith("/"):
            yield f"{place}{route.path[1:]}"
            continue
        for root in _ROOTS:
            if not (isinstance(route, Route) and route.is_ajax_only and root == "api/"):
                yield f"{place}{root}{route.path}"


def _doors() -> dict[str, TrackingDoor]:
    rooms: dict[str, dict[str, Serves]] = defaultdict(dict)
    for probe in PROBES:
        for address in addresses(probe):
            rooms[address][probe.method] = probe
    for route in ROUTES:
        for address in addresses(route):
            rooms[address][route.method] = Room(route)
    return {address: TrackingDoor(methods) for address, methods in rooms.items()}


urlpatterns = [
    *(path(address, door) for address, door in _doors().items()),
    re_path(r"^(?:w/[^/]+/)?(?:ajax-)?api/[23]\.0(?:/.*)?$", TrackingNowhere()),
]
