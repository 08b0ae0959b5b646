"""The commands ``studio sync`` and ``studio import``: what was kept on this machine goes out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.connecting import attached_experiment, connection_of
from studio.cli.ending import FAILED, CommandError
from studio.cli.printing import show
from studio.sdk import Run, Workspace, _offline_store, _sync

if TYPE_CHECKING:
    import argparse

# Where offline runs go when nobody names an experiment.
_EXPERIMENT = "offline"


def sync(asked: argparse.Namespace) -> None:
    """Deliver values that did not arrive, and offline runs.

    Raises:
        CommandError: something is left.
    """
    transport = connection_of(asked).open()
    done = []
    for sent in _sync.sync(transport, _experiment(asked), moved=asked.moved):
        left = f"{sent.left} left in {sent.folder}. {sent.reason}" if sent.left else "delivered"
        print(f"{sent.run_id}: {left}", file=sys.stderr)
        done.append(
            {
                "runId": sent.run_id,
                "folder": str(sent.folder),
                "left": sent.left,
                "reason": sent.reason,
            }
        )
    if not done:
        print("Nothing is left on this machine.", file=sys.stderr)
    if asked.output:
        show(asked, done)
    if any(sent["left"] for sent in done):
        raise CommandError("Not everything was delivered.", FAILED)


def import_run(asked: argparse.Namespace) -> None:
    """Make a run of the folder of an offline run; the folder stays."""
    connection = connection_of(asked)
    store = _offline_store.Store.read(Path(asked.folder))
    _sync.import_run(store, connection.open(), _experiment(asked))
    run = Run.get(Workspace(connection.open()), store.run_id)
    if asked.output:
        show(asked, run._told)
    else:
        print(f"Imported {run.id} into {run.experiment.name}: {run.get_portal_url()}")


def _experiment(asked: argparse.Namespace) -> str:
    return str(asked.experiment_name or attached_experiment(asked.path) or _EXPERIMENT)
