"""Starting a run that this process logs to."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.contract import places, words
from studio.sdk import _git, _snapshot
from studio.sdk._exceptions import ServiceException, UserErrorException
from studio.sdk._run import Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio.sdk._experiment import Experiment

_NO_SNAPSHOT = " Or pass snapshot_directory=None to keep no source."


def interactive(
    experiment: Experiment,
    told: dict[str, Any],
    *,
    outputs: str | bool | None,
    snapshot_directory: str | None,
) -> Run:
    """Make a run that is Running at once, with its source and its outputs folder."""
    transport = experiment.workspace._transport
    if snapshot_directory is not None:
        folder = Path(snapshot_directory)
        told["snapshotId"] = _snapshot.upload(folder, transport, hint=_NO_SNAPSHOT)
        told["properties"] = _git.properties(folder)
    body = {**told, "experimentName": experiment.name, "target": words.TARGET_SDK, "start": True}
    run = create(experiment, body)
    run._outputs = _outputs_folder(outputs)
    run._led_from_here()
    return run


def create(experiment: Experiment, body: dict[str, Any]) -> Run:
    """Make a run; what the studio refuses is the caller's to mend."""
    sent = {key: value for key, value in body.items() if value not in ("", None)}
    try:
        told = experiment.workspace._transport.api("POST", "runs", json=sent).json()
    except ServiceException as error:
        if error.status in (400, 409):
            raise UserErrorException(str(error)) from None
        raise
    return Run._known(experiment, told)


def tag_values(tags: Mapping[str, object] | None) -> dict[str, str | None]:
    """Return tags as the studio keeps them: texts, or None for a tag without a value."""
    if tags is not None and not hasattr(tags, "items"):
        raise UserErrorException('Tags are a dict such as {"quality": "good", "to look at": None}.')
    told: dict[str, str | None] = {}
    for key, value in (tags or {}).items():
        if value is not None and not isinstance(value, str):
            warnings.warn(f'The value of tag "{key}" is kept as the text "{value}".', stacklevel=3)
        told[str(key)] = None if value is None else str(value)
    return told


def _outputs_folder(outputs: str | bool | None) -> Path | None:
    if outputs is False:
        return None
    folder = Path(places.OUTPUTS if outputs in (None, True) else str(outputs))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
