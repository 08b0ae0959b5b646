"""The one way in which an action says no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.contract.errors import Code


class Refused(Exception):  # noqa: N818 (it is an answer, not a fault)
    """An action was not done, and nothing was changed.

    ``detail`` is a sentence for a person, ``field`` names the offending input, ``hint`` says the way
    out, ``extra`` goes into the problem document as it is.
    """

    def __init__(
        self,
        code: Code,
        detail: str,
        *,
        field: str = "",
        hint: str = "",
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field
        self.hint = hint
        self.extra = extra or {}
