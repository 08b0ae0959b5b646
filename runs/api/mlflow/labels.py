"""Their tags and parameters of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runs.actions import labels, runs
from runs.actions.refused import Refused
from runs.api.mlflow.documents import NAME, tags_of
from runs.api.mlflow.errors import Fault, not_there
from runs.api.mlflow.experiments import NOTE
from runs.api.mlflow.messages import Text
from runs.api.mlflow.names import check_key
from runs.api.mlflow.runs import OfRun, find_active, rename
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runs.api.mlflow.door import Call
    from runs.models import Run


class OneOfRun(OfRun):
    """A tag or a parameter of a run."""

    key: Text
    value: str = ""


class KeyOfRun(OfRun):
    """The key of a tag."""

    key: Text


def set_tag(call: Call) -> dict[str, Any]:
    """Add a tag or change its value."""
    asked = call.read(OneOfRun)
    check_key(asked.key, "key")
    put_tags(call, find_active(call, asked.run_id), {asked.key: asked.value})
    return {}


def delete_tag(call: Call) -> dict[str, Any]:
    """Remove a tag."""
    asked = call.read(KeyOfRun)
    run = find_active(call, asked.run_id)
    if asked.key not in tags_of(run):
        raise not_there(f"No tag with name: {asked.key} in run with id {run.run_id}")
    if asked.key == NOTE:
        runs.edit(run, by=call.actor, description="")
    elif asked.key in run.tags:
        labels.remove_tags(run, [asked.key], by=call.actor)
    else:
        raise Fault(f"The tag {asked.key} is a field of the run here, and stays.")
    return {}


def log_parameter(call: Call) -> dict[str, Any]:
    """Say what a run was configured with."""
    asked = call.read(OneOfRun)
    check_key(asked.key, "key", "Param key")
    run = find_active(call, asked.run_id)
    value = asked.value[: limits.PARAMETER_VALUE]
    try:
        labels.log_parameters(run, {asked.key: value}, by=call.actor)
    except Refused as refused:
        if refused.code is not Code.PARAMETER_IMMUTABLE:
            raise
        raise Fault(
            "Changing param values is not allowed. "
            f"Param with key='{asked.key}' was already logged with value='{refused.extra['old']}' "
            f"for run ID='{run.run_id}'. Attempted logging new value '{value}'."
        ) from None
    return {}


def put_tags(call: Call, run: Run, tags: Mapping[str, str]) -> None:
    """Add tags or change their values; some are fields of ours."""
    plain = {key: value[: limits.VALUE] for key, value in tags.items()}
    rename(call, run, plain.pop(NAME, ""))
    note = plain.pop(NOTE, None)
    if note is not None:
        runs.edit(run, by=call.actor, description=note)
    if plain:
        labels.set_tags(run, plain, by=call.actor, most=limits.TAGS_BY_MLFLOW)
