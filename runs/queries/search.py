"""Free text: the one function behind which a search index can stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from runs.models import Experiment, RunTag, User
from studio.contract.words import Status

if TYPE_CHECKING:
    from runs.models import Workspace


def contains(text: str, workspace: Workspace) -> Q:
    """Return the condition that a run has ``text`` in any of its words, upper and lower case alike.

    Its words are display name, run id, description, status, tags, experiment and submitter.
    """
    experiments = Experiment.objects.inside(workspace).filter(name__icontains=text)
    people = User.objects.filter(Q(username__icontains=text) | Q(name__icontains=text))
    tags = RunTag.objects.filter(run=OuterRef("pk"))
    return (
        Q(display_name__icontains=text)
        | Q(run_id__icontains=text)
        | Q(description__icontains=text)
        | Q(status__in=[status for status in Status if text.lower() in status.value.lower()])
        | Q(experiment__in=experiments)
        | Q(created_by__in=people)
        | Q(Exists(tags.filter(Q(key__icontains=text) | Q(value__icontains=text))))
    )
