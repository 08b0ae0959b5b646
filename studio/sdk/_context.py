"""Whether this process is inside a submitted run, from the environment that the runner made."""

from __future__ import annotations

import os
from dataclasses import dataclass

from studio.contract import environ
from studio.sdk._config import Connection


@dataclass(frozen=True, slots=True)
class RunContext:
    """The run that this process belongs to, and how to speak about it."""

    run_id: str
    experiment: str
    connection: Connection


def find() -> RunContext | None:
    """Return the context that the runner has set, None outside a submitted run."""
    run_id, token = os.environ.get(environ.RUN_ID), os.environ.get(environ.RUN_TOKEN)
    url, workspace = os.environ.get(environ.URL), os.environ.get(environ.WORKSPACE)
    if not (run_id and token and url and workspace):
        return None
    return RunContext(
        run_id, os.environ.get(environ.EXPERIMENT, ""), Connection(url, token, workspace)
    )
