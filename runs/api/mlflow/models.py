"""Their logged models: there are none here yet. Clients ask before every download of an artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runs.api.mlflow.messages import Message

if TYPE_CHECKING:
    from runs.api.mlflow.door import Call


class Search(Message):
    """Which models are meant."""

    experiment_ids: list[str]


def search(call: Call) -> dict[str, Any]:
    """List the models of some experiments."""
    call.read(Search)
    return {}
