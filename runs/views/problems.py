"""Refusals of what scripts of a page ask for, in the shape that the API gives them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import JsonResponse

from studio.contract.errors import HTTP_STATUS

if TYPE_CHECKING:
    from runs.actions.refused import Refused


def problem(refused: Refused) -> JsonResponse:
    """Answer a refusal as the API does."""
    status = HTTP_STATUS[refused.code]
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": refused.code.value,
        "detail": refused.detail,
        "field": refused.field,
        "hint": refused.hint,
    }
    return JsonResponse(document, status=status, content_type="application/problem+json")
