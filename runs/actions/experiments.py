"""Experiments come into being at the first use of their name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from runs.actions.text import check_pattern
from runs.models import Experiment
from studio.contract import limits

if TYPE_CHECKING:
    from runs.access import Actor
    from runs.models import Workspace

_RULE = "1 to 255 letters, digits, - or _, beginning with a letter or digit"


def get_or_create(workspace: Workspace, name: str, *, by: Actor) -> tuple[Experiment, bool]:
    """Return the active experiment of that name and whether it was made just now.

    Raises:
        Refused: the name breaks the rule.
    """
    check_pattern(name, "experimentName", limits.EXPERIMENT_PATTERN, _RULE)
    active = Experiment.objects.inside(workspace).filter(name=name, archived_at=None)
    found = active.first()
    if found is not None:
        return found, False
    try:
        with transaction.atomic():
            return Experiment.objects.create(workspace=workspace, name=name), True
    except IntegrityError:
        return active.get(), False
