"""Runs that a person wants at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runs.actions.refused import Refused
from runs.models import RunStar
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.access import Actor
    from runs.models import Run


def star(run: Run, *, by: Actor, on: bool) -> None:
    """Have a run at hand, or no more; nobody else sees it.

    Raises:
        Refused: a narrow token, which is nobody's own hand.
    """
    if by.user is None or by.scope() is not None:
        raise Refused(Code.FORBIDDEN, "Stars belong to people; this token is narrow.")
    if on:
        RunStar.objects.get_or_create(run=run, user=by.user)
    else:
        RunStar.objects.filter(run=run, user=by.user).delete()
