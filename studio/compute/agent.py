"""python -m studio.compute.agent: take runs for a compute target and have them run here.

``--target NAME`` serves a target of the workspace; ``--once RUN_ID`` runs one run of this person's.
The studio and the token come from STUDIO_URL, STUDIO_TOKEN and STUDIO_WORKSPACE.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import studio
from studio.compute import closing, workdir
from studio.compute.backend import State, Survivors
from studio.compute.local import LocalBackend
from studio.contract import limits
from studio.contract.words import Step
from studio.runner import _processes
from studio.runner._folder import RunFolder
from studio.runner._reports import StudioAway
from studio.sdk import _config
from studio.sdk._exceptions import ServiceException, StudioException

if TYPE_CHECKING:
    from studio.compute.backend import Backend
    from studio.sdk._transport import Transport

_WATCH_EVERY = 0.5
_LONGEST_PAUSE = 2.0


class Agent:
    """Takes runs, prepares their folders below ``root``, and looks after their runners."""

    def __init__(self, root: Path, transport: Transport, backend: Backend) -> None:
        self._root = root
        self._transport = transport
        self._backend = backend
        self._host = socket.gethostname()
        self._closing: set[Path] = set()
        self._preparing: set[str] = set()

    def about(self) -> dict[str, Any]:
        """Return what the studio should know about this agent."""
        return {
            "agent": f"{self._host}:{self._root.name}",
            "host": self._host,
            "bootId": _processes.boot_id(),
            "version": studio.__version__,
        }

    def serve(self, target: str) -> None:
        """Take runs of a target until this process ends."""
        self._tell_address()
        self._drop_unprepared()
        threading.Thread(target=self._watch_for_ever, daemon=True).start()
        known: dict[str, float] = {}
        pause = 0.2
        while True:
            body = {**self.about(), "accept": True, "known": sorted(known)}
            wait = {"wait": limits.LEASE_WAIT_SECONDS}
            try:
                told = self._transport.api(
                    "POST",
                    "compute",
                    target,
                    "lease",
                    json=body,
                    query=wait,
                    timeout=30,
                    patience=0,
                ).json()
            except ServiceException as error:
                if error.status in (401, 403, 404):
                    sys.exit(f"The agent of {target} is not welcome: {error}")
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            pause = 0.2
            if told["lease"]:
                self._preparing.add(told["lease"]["run_id"])
                threading.Thread(target=self.launch, args=[told["lease"]], daemon=True).start()
            self._hear_stops(told["stop"], known)

    def run_once(self, run_id: str) -> None:
        """Take one run of this person's, and stay until it is over."""
        try:
            lease = self._transport.run("POST", run_id, "lease", json=self.about()).json()
        except ServiceException as error:
            if error.code == "illegal_move":
                return
            raise
        folder = self.launch(lease)
        while folder is not None and folder.exists():
            time.sleep(_WATCH_EVERY)
            self.watch([folder])

    def launch(self, lease: dict[str, Any]) -> Path | None:
        """Prepare a leased run and start its runner; a run that cannot be prepared has failed."""
        try:
            folder = workdir.prepare(lease, self._root, self._transport)
            self._backend.submit(folder)
        except Exception as error:
            # Whatever it is: a run that is not started must say so, or it would hang.
            self._report_failure(lease["run_id"], f"The run could not be prepared: {error}")
            shutil.rmtree(self._root / lease["run_id"], ignore_errors=True)
            return None
        finally:
            self._preparing.discard(lease["run_id"])
        return folder

    def watch(self, folders: list[Path]) -> None:
        """Clear away what is finished, and close what has lost its runner."""
        for folder, state in self._backend.states(folders).items():
            if state is State.FINISHED:
                shutil.rmtree(folder, ignore_errors=True)
            elif state is State.LOST and folder not in self._closing:
                self._closing.add(folder)
                threading.Thread(target=self._close, args=[folder], daemon=True).start()

    def _tell_address(self) -> None:
        """Tell runners of before where the studio is now."""
        for folder in self._folders():
            with contextlib.suppress(OSError, ValueError):
                RunFolder(folder).write_address(self._transport.url)

    def _watch_for_ever(self) -> None:
        while True:
            try:
                self.watch(self._folders())
            except (OSError, ValueError, TypeError) as error:
                # A folder vanished under our eyes, or its status is no status.
                print(f"looking after the runs: {error}", file=sys.stderr)
            time.sleep(_WATCH_EVERY)

    def _drop_unprepared(self) -> None:
        """Close the runs that an agent was preparing when it ended: nobody goes on with them."""
        # Only what is marked as ours: the folder may hold other things of its owner.
        for mark in self._root.glob(f"*/{workdir.PREPARING}"):
            message = "The agent was ended while it prepared the run."
            self._report_failure(mark.parent.name, message)
            shutil.rmtree(mark.parent, ignore_errors=True)

    def _folders(self) -> list[Path]:
        found = self._root.glob("*/spec.json")
        return [path.parent for path in found if path.parent.name not in self._preparing]

    def _close(self, folder: Path) -> None:
        try:
            closing.close(folder, self._backend)
        except (StudioException, StudioAway, Survivors, OSError, ValueError) as error:
            print(f"{folder.name}: {error}", file=sys.stderr)
            # Tried again at the next look.
            time.sleep(_LONGEST_PAUSE)
        finally:
            self._closing.discard(folder)

    def _hear_stops(self, stops: list[dict[str, Any]], known: dict[str, float]) -> None:
        """Prove that a run is gone that nobody here knows; runners hear of a stop by themselves."""
        for stop in stops:
            run_id = stop["runId"]
            known[run_id] = time.monotonic()
            if run_id not in self._preparing and not (self._root / run_id).exists():
                self._prove_gone(run_id)
        for run_id in [r for r, at in known.items() if time.monotonic() - at > 30]:
            # Asked again after a while: a runner may have died since.
            del known[run_id]

    def _prove_gone(self, run_id: str) -> None:
        try:
            ended = self._backend.cancel(self._root / run_id)
        except Survivors as error:
            # Not confirmed; the studio names it again.
            print(error, file=sys.stderr)
            return
        message = (
            f"Nothing is known here of the run; {ended} processes of it were ended, 0 are left."
        )
        try:
            step = {"step": Step.LATE_PROOF.value, "message": message, "data": {"count": ended}}
            self._transport.run("POST", run_id, "steps", json=step)
            self._transport.run("POST", run_id, "canceled", json={"reason": message})
        except ServiceException as error:
            print(f"{run_id}: {error}", file=sys.stderr)

    def _report_failure(self, run_id: str, message: str) -> None:
        try:
            error = {"code": "SystemError", "message": message}
            self._transport.run("POST", run_id, "fail", json={"error": error}, patience=600)
        except ServiceException as error:
            print(f"{run_id}: {message} ({error})", file=sys.stderr)


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="studio-agent", description=__doc__)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--target", help="the compute target to take runs for")
    wanted.add_argument("--once", metavar="RUN_ID", help="one run to run on this machine")
    parser.add_argument("--folder", type=Path, help="where the runs' folders are made")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    transport = _config.connection().open()
    default = _config.config_dir() / ("runs" if chosen.once else f"agents/{chosen.target}")
    root: Path = (chosen.folder or default).resolve()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    agent = Agent(root, transport, LocalBackend())
    if chosen.once:
        agent.run_once(chosen.once)
    else:
        agent.serve(chosen.target)


if __name__ == "__main__":
    main()
