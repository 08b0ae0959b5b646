"""The launch spec: all that a runner needs to start one run and report on it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from studio.contract import limits


@dataclass(frozen=True, slots=True)
class LaunchSpec:
    """What to start, where, and how to talk to the studio about it.

    ``folder`` is the run's own folder on this machine; the script works in ``folder/code``.
    Times are in seconds. ``token`` is scoped to this run and its children.
    """

    run_id: str
    workspace: str
    experiment: str
    url: str
    token: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = ""
    snapshot_id: str | None = None
    grace_seconds: float = limits.GRACE_SECONDS
    max_run_seconds: float = limits.MAX_RUN_SECONDS

    def to_json(self) -> str:
        """Return the spec as a JSON object."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str | bytes) -> LaunchSpec:
        """Read a spec; raises ``ValueError`` for JSON that is none."""
        try:
            values: dict[str, Any] = json.loads(text)
            return cls(**values)
        except TypeError as error:
            raise ValueError(f"not a launch spec: {error}") from error
