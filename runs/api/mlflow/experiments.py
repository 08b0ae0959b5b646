"""Their experiments. An id is the number of an experiment in its workspace; deleted means archived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from runs import access
from runs.actions import experiments
from runs.actions.refused import Refused
from runs.api.mlflow.errors import ErrorCode, Fault, not_there
from runs.api.mlflow.messages import KeyValue, Message, Text, pairs
from runs.api.mlflow.names import check_key, check_length
from runs.api.mlflow.times import milliseconds
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.api.mlflow.door import Call
    from runs.models import Experiment
    from runs.models.experiment import ExperimentQuerySet

# What they call the description.
NOTE = "mlflow.note.content"
_LOCATION = "mlflow-artifacts:/"
_DIGITS = 9


class NewExperiment(Message):
    """An experiment that does not exist yet."""

    name: Text
    artifact_location: str = ""
    tags: list[KeyValue] = Field(default_factory=list)


class OfExperiment(Message):
    """One experiment."""

    experiment_id: Text


class ByName(Message):
    """One experiment, by its name."""

    experiment_name: Text


class Renamed(OfExperiment):
    """Another name."""

    new_name: Text


class OneTag(OfExperiment):
    """A tag of an experiment."""

    key: Text
    value: str = ""


class TagKey(OfExperiment):
    """The key of a tag."""

    key: Text


def create(call: Call) -> dict[str, Any]:
    """Make an experiment."""
    asked = call.read(NewExperiment)
    check_length(asked.name, "name", limits.EXPERIMENT_NAME)
    if asked.artifact_location:
        reason = "Artifacts are kept by the studio itself and nowhere else; leave it out."
        raise Fault(f"Invalid value for parameter 'artifact_location' supplied: {reason}")
    for place, tag in enumerate(asked.tags):
        _check_tag(tag.key, tag.value, f"tags[{place}].key")
    tags = {tag.key: tag.value for tag in asked.tags}
    note = tags.pop(NOTE, "")
    try:
        made = experiments.create(
            call.workspace, asked.name, by=call.actor, tags=tags, description=note
        )
    except Refused as refused:
        raise _taken(refused, asked.name) from None
    return {"experiment_id": str(made.number)}


def get(call: Call) -> dict[str, Any]:
    """Return an experiment, deleted or not."""
    return {"experiment": document(_find(call, call.read(OfExperiment)))}


def get_by_name(call: Call) -> dict[str, Any]:
    """Return the experiment of a name, deleted or not."""
    name = call.read(ByName).experiment_name
    named = access.experiments_of(call.actor, call.workspace).filter(name=name)
    # Of several that were archived under one name, the newest.
    found = named.active().first() or named.order_by("-archived_at").first()
    if found is None:
        raise not_there(f"Could not find experiment with name '{name[:300]}'")
    return {"experiment": document(found)}


def update(call: Call) -> dict[str, Any]:
    """Give an experiment another name."""
    asked = call.read(Renamed)
    experiment = _find(call, asked)
    check_length(asked.new_name, "name", limits.EXPERIMENT_NAME)
    if experiment.archived_at is not None:
        raise Fault("Cannot rename a non-active experiment.")
    try:
        experiments.rename(experiment, asked.new_name, by=call.actor)
    except Refused as refused:
        raise _taken(refused, asked.new_name) from None
    return {}


def delete(call: Call) -> dict[str, Any]:
    """Delete an experiment, which takes its runs along: it can be restored, and they come back."""
    asked = call.read(OfExperiment)
    experiment = _find(call, asked)
    if experiment.archived_at is not None:
        raise _unknown(asked.experiment_id)
    experiments.archive(experiment, by=call.actor)
    return {}


def restore(call: Call) -> dict[str, Any]:
    """Bring a deleted experiment back."""
    asked = call.read(OfExperiment)
    experiment = _find(call, asked)
    if experiment.archived_at is None:
        raise _unknown(asked.experiment_id)
    experiments.reactivate(experiment, by=call.actor)
    return {}


def set_tag(call: Call) -> dict[str, Any]:
    """Add a tag or change its value."""
    asked = call.read(OneTag)
    experiment = _find(call, asked)
    _check_tag(asked.key, asked.value, "key")
    check_active(experiment)
    if asked.key == NOTE:
        experiments.describe(experiment, asked.value, by=call.actor)
    else:
        tags = {asked.key: asked.value}
        longest = limits.EXPERIMENT_TAG_VALUE
        experiments.set_tags(experiment, tags, by=call.actor, longest=longest)
    return {}


def delete_tag(call: Call) -> dict[str, Any]:
    """Remove a tag."""
    asked = call.read(TagKey)
    experiment = _find(call, asked)
    check_active(experiment)
    if asked.key not in tags_of(experiment):
        place = f"experiment with id {experiment.number}"
        raise not_there(f"No tag with name: {asked.key} in {place}")
    if asked.key == NOTE:
        experiments.describe(experiment, "", by=call.actor)
    else:
        experiments.remove_tags(experiment, [asked.key], by=call.actor)
    return {}


def find(call: Call, number: str) -> Experiment:
    """Return the experiment of that number, deleted or not."""
    found = numbered(call, [number]).first()
    if found is None:
        raise _unknown(number)
    return found


def numbered(call: Call, numbers: list[str]) -> ExperimentQuerySet:
    """Return those of these numbers that there are; refuses what is no number."""
    for number in numbers:
        if not (number.isascii() and number.isdigit()):
            reason = "Experiment ID must be a valid integer."
            raise Fault(f"Invalid experiment ID '{number[:100]}'. {reason}")
    known = {int(number) for number in numbers if len(number) <= _DIGITS}
    return access.experiments_of(call.actor, call.workspace).filter(number__in=known)


def check_active(experiment: Experiment) -> None:
    """Refuse to change a deleted experiment."""
    if experiment.archived_at is not None:
        state = "must be in the 'active' state. Current state is deleted."
        raise Fault(f"The experiment {experiment.number} {state}")


def document(experiment: Experiment) -> dict[str, Any]:
    """Return the message of an experiment."""
    return {
        "experiment_id": str(experiment.number),
        "name": experiment.name,
        "artifact_location": location(experiment),
        "lifecycle_stage": "active" if experiment.archived_at is None else "deleted",
        "creation_time": milliseconds(experiment.created_at),
        "last_update_time": milliseconds(experiment.changed_at),
        "tags": pairs(tags_of(experiment)),
    }


def location(experiment: Experiment) -> str:
    """Return where clients find the artifacts of an experiment."""
    return f"{_LOCATION}{experiment.number}"


def tags_of(experiment: Experiment) -> dict[str, str | None]:
    """Return all tags that clients see, the description among them."""
    note = {NOTE: experiment.description} if experiment.description else {}
    return {**experiment.tags, **note}


def _find(call: Call, asked: OfExperiment) -> Experiment:
    return find(call, asked.experiment_id)


def _unknown(number: str) -> Fault:
    return not_there(f"No Experiment with id={number[:100]} exists")


def _check_tag(key: str, value: str, place: str) -> None:
    check_key(key, place)
    check_length(value, "value", limits.EXPERIMENT_TAG_VALUE)


def _taken(refused: Refused, name: str) -> Fault | Refused:
    if refused.code is not Code.CONFLICT:
        return refused
    reason = f"Experiment(name={name}) already exists. {refused.hint}"
    return Fault(reason, ErrorCode.RESOURCE_ALREADY_EXISTS)
