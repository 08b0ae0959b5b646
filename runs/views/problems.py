"""Refusals of what scripts of a page ask for, in the shape that the API gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import JsonResponse

from runs.documents import problem_document
from studio.contract.errors import HTTP_STATUS

if TYPE_CHECKING:
    from runs.actions.refused import Refused


def problem(refused: Refused) -> JsonResponse:
    """Answer a refusal as the API does."""
    return JsonResponse(
        problem_document(refused),
        status=HTTP_STATUS[refused.code],
        content_type="application/problem+json",
    )
