"""A disk without room, told on pages: in a banner before it hurts, and in place of an answer when it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from runs import room
from studio.contract.errors import HTTP_STATUS, Code

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class AFullDiskIsTold:
    """Middleware: what could not be stored is told in words, with the status for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view that found no room."""
        if not room.is_full(error):
            return None
        return render(request, "507.html", status=HTTP_STATUS[Code.STORAGE_FULL])


def room_on_disk(request: HttpRequest) -> dict[str, bool]:
    """Tell templates whether to warn."""
    return {"disk_is_tight": room.is_tight()}
