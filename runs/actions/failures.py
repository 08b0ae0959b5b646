"""What is kept of the error that a run has failed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from runs.actions.text import keep_what_fits
from studio.contract import limits

if TYPE_CHECKING:
    from collections.abc import Mapping


def error_document(error: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the error in the shape that Azure's run history uses (specification 4.5)."""
    message = keep_what_fits(error.get("message") or "", limits.ERROR_MESSAGE)
    debug = {
        "type": keep_what_fits(error.get("type") or "", limits.KEY),
        "message": message,
        # The end of a stack trace names the error; that end is kept.
        "stackTrace": keep_what_fits(
            (error.get("stackTrace") or "")[-limits.STACK_TRACE :], limits.STACK_TRACE
        ),
    }
    return {
        "error": {
            "code": keep_what_fits(error.get("code") or "UserError", 100),
            "message": message,
            "severity": "Error",
            "debugInfo": debug,
        },
        "time": timezone.now().isoformat(),
    }
