"""Experiments: made at the first use of their name, labelled, archived, and deleted when empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from runs.actions.refused import Refused
from runs.actions.text import check_labels, check_pattern, check_text
from runs.models import Experiment, Run, Workspace
from runs.models.experiment import DEFAULT_NAME, DEFAULT_NUMBER
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runs.access import Actor

_RULE = "1 to 255 letters, digits, - or _, beginning with a letter or digit"


def get_or_create(workspace: Workspace, name: str, *, by: Actor) -> tuple[Experiment, bool]:
    """Return the active experiment of that name and whether it was made just now.

    Raises:
        Refused: the name breaks the rule. One that was made by MLflow's rule is found all the same.
    """
    check_text(name, "experimentName", limits.EXPERIMENT_NAME)
    active = Experiment.objects.inside(workspace).active().filter(name=name)
    found = active.first()
    if found is not None:
        return found, False
    check_pattern(name, "experimentName", limits.EXPERIMENT_PATTERN, _RULE)
    try:
        return _make(workspace, name), True
    except IntegrityError:
        return active.get(), False


def create(
    workspace: Workspace,
    name: str,
    *,
    by: Actor,
    tags: Mapping[str, str | None],
    description: str = "",
) -> Experiment:
    """Return a new experiment, whose name may be any text: MLflow's rule.

    Raises:
        Refused: an experiment has this name, active or archived; a name or a tag that is too long.
    """
    check_text(name, "name", limits.EXPERIMENT_NAME, shortest=1)
    check_text(description, "description", limits.DESCRIPTION)
    check_labels(tags, "tags", limits.EXPERIMENT_TAG_VALUE)
    if Experiment.objects.inside(workspace).filter(name=name).exists():
        raise _taken(name)
    try:
        return _make(workspace, name, tags=dict(tags), description=description)
    except IntegrityError:
        raise _taken(name) from None


def create_default(workspace: Workspace) -> None:
    """Make the experiment that a workspace has from the start."""
    Experiment.objects.create(workspace=workspace, name=DEFAULT_NAME, number=DEFAULT_NUMBER)


def rename(experiment: Experiment, name: str, *, by: Actor) -> None:
    """Give an experiment another name, which may be any text.

    Raises:
        Refused: it is archived, or another experiment has this name.
    """
    check_text(name, "name", limits.EXPERIMENT_NAME, shortest=1)
    if experiment.archived_at is not None:
        reason = "Cannot rename a non-active experiment."
        raise Refused(Code.CONFLICT, reason, field="name", hint="Bring it back first.")
    others = Experiment.objects.filter(workspace=experiment.workspace_id).exclude(pk=experiment.pk)
    if others.filter(name=name).exists():
        raise _taken(name)
    try:
        with transaction.atomic():
            _store(experiment, name=name)
    except IntegrityError:
        raise _taken(name) from None


def describe(experiment: Experiment, description: str, *, by: Actor) -> None:
    """Change the description.

    Raises:
        Refused: it is too long.
    """
    check_text(description, "description", limits.DESCRIPTION)
    _store(experiment, description=description)


def archive(experiment: Experiment, *, by: Actor) -> None:
    """Leave the experiment out of lists, and its name free for another; its runs stay.

    Raises:
        Refused: it is the one that every workspace has.
    """
    _check_not_default(experiment)
    if experiment.archived_at is None:
        _store(experiment, archived_at=timezone.now())


def reactivate(experiment: Experiment, *, by: Actor) -> None:
    """Bring an archived experiment back.

    Raises:
        Refused: an active one has the same name.
    """
    try:
        with transaction.atomic():
            _store(experiment, archived_at=None)
    except IntegrityError:
        raise Refused(
            Code.CONFLICT,
            f'An active experiment is called "{experiment.name}" too.',
            field="archived",
            hint="Archive that one first.",
        ) from None


def set_tags(
    experiment: Experiment,
    tags: Mapping[str, str | None],
    *,
    by: Actor,
    longest: int = limits.VALUE,
) -> dict[str, str | None]:
    """Add tags or change their values, of up to ``longest`` characters; returns all of them.

    Raises:
        Refused: a key or value too long, or too many tags.
    """
    check_labels(tags, "tags", longest)
    with transaction.atomic():
        after = {**_tags_now(experiment), **tags}
        if len(after) > limits.TAGS_PER_RUN:
            reason = f"An experiment has {limits.TAGS_PER_RUN} tags at most."
            raise Refused(Code.BAD_REQUEST, reason, field="tags", hint="Remove some first.")
        _store(experiment, tags=after)
    return after


def remove_tags(experiment: Experiment, keys: Iterable[str], *, by: Actor) -> dict[str, str | None]:
    """Remove tags by key; returns those that are left. A key that is not there is no error."""
    gone = set(keys)
    with transaction.atomic():
        after = {k: v for k, v in _tags_now(experiment).items() if k not in gone}
        _store(experiment, tags=after)
    return after


def delete(experiment: Experiment, *, by: Actor) -> None:
    """Delete an experiment without runs.

    Raises:
        Refused: it has runs, or it is the one that every workspace has.
    """
    _check_not_default(experiment)
    with transaction.atomic():
        # Locked first: a run that is being made takes its number from the same row.
        Experiment.objects.select_for_update(no_key=True).filter(pk=experiment.pk).first()
        count = Run.objects.filter(experiment=experiment).count()
        if count:
            raise Refused(
                Code.CONFLICT,
                f'The experiment "{experiment.name}" has {count} runs; only an empty one is deleted.',
                hint="Archive it instead: it leaves the lists and keeps its runs.",
            )
        experiment.delete()


def _make(workspace: Workspace, name: str, **fields: Any) -> Experiment:
    with transaction.atomic():
        row = Workspace.objects.filter(pk=workspace.pk)
        # Locked by the count until the commit: no two get one number.
        row.update(last_experiment_number=F("last_experiment_number") + 1)
        number = row.values_list("last_experiment_number", flat=True).get()
        return Experiment.objects.create(workspace=workspace, name=name, number=number, **fields)


def _taken(name: str) -> Refused:
    return Refused(
        Code.CONFLICT,
        f'There is already an experiment "{name[:200]}" in this workspace.',
        field="name",
        hint="Archived ones count too: bring that one back, or take another name.",
    )


def _check_not_default(experiment: Experiment) -> None:
    if experiment.number == DEFAULT_NUMBER:
        raise Refused(Code.CONFLICT, f'Every workspace keeps its experiment "{DEFAULT_NAME}".')


def _tags_now(experiment: Experiment) -> dict[str, str | None]:
    """Return the tags, locked until the caller's transaction ends."""
    rows = Experiment.objects.select_for_update(no_key=True).filter(pk=experiment.pk)
    tags: dict[str, str | None] = rows.values_list("tags", flat=True).get()
    return tags


def _store(experiment: Experiment, **fields: object) -> None:
    fields["changed_at"] = timezone.now()
    Experiment.objects.filter(pk=experiment.pk).update(**fields)
    for name, value in fields.items():
        setattr(experiment, name, value)
