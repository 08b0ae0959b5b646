"""What is kept of an error: code, message, type and stack trace."""

from __future__ import annotations

import traceback
from typing import Any


def document(details: str | BaseException | None, code: str | None) -> dict[str, Any]:
    """Return what the studio keeps of an error: code, message, type and stack trace."""
    if details is None:
        return {"code": code or "UserError"}
    if isinstance(details, str):
        return {"code": code or "UserError", "message": details}
    if not isinstance(details, BaseException):
        raise TypeError(
            f"error_details should be a text or an exception, not {type(details).__name__}"
        )
    kind = type(details)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    return {
        "code": code or "UserError",
        "message": f"{kind.__name__}: {details}",
        "type": name,
        "stackTrace": "".join(traceback.format_exception(details)),
    }
