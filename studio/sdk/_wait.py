"""Waiting for a run, and showing its log meanwhile."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from studio.contract import places, words
from studio.contract.words import Status
from studio.sdk._exceptions import (
    ActivityFailedException,
    ExperimentExecutionException,
    ServiceException,
)

if TYPE_CHECKING:
    from studio.sdk._run import Run

_TERMINAL = {status.value for status in words.TERMINAL}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0
_STREAM_PAUSE = 0.5
# A studio that is updated or restarted may be away for this long without ending the wait.
_PATIENCE = 600.0


def wait(run: Run, *, show_output: bool, raise_on_error: bool) -> dict[str, Any]:
    """Wait for the end of a run; returns its details.

    A cancel that is under way is waited for as well: it has not happened yet.
    """
    try:
        if show_output:
            stream(run, Screen())
        else:
            _poll(run)
    except KeyboardInterrupt:
        raise ExperimentExecutionException(
            f"You stopped waiting. The run {run.id} goes on; run.cancel() stops it."
        ) from None
    details = run.get_details()
    if run.status == Status.FAILED and raise_on_error:
        raise ActivityFailedException(_why(details), details.get("error"))
    return details


def _poll(run: Run) -> None:
    pause = _FIRST_PAUSE
    while _told(run)["status"] not in _TERMINAL:
        time.sleep(pause)
        pause = min(pause * 1.3, _LONGEST_PAUSE)


class Screen:
    """Where a log is shown while somebody waits for its run."""

    def __init__(self) -> None:
        import codecs

        # A character that came in two pieces is shown once it is whole.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def say(self, text: str) -> None:
        """Show a text."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def write(self, data: bytes) -> None:
        """Show a piece of the log."""
        self.say(self._decoder.decode(data))

    def pause(self, run: Run) -> None:
        """Let some time pass: there is nothing new."""
        time.sleep(_STREAM_PAUSE)

    def close(self) -> None:
        """Show what is left."""
        self.say(self._decoder.decode(b"", final=True))


def stream(run: Run, screen: Screen) -> None:
    """Show a run's log until it has ended, then how it ended."""
    screen.say(f"RunId: {run.id}\nWeb View: {run.get_portal_url()}\n\n")
    offset, started = 0, False
    while True:
        # Asked before the log is read: what was written until the end is then in it.
        ended = _told(run)["status"] in _TERMINAL
        data = _log(run, offset)
        if data and not started:
            screen.say(f"Streaming {places.STD_LOG}\n{'=' * (10 + len(places.STD_LOG))}\n\n")
            started = True
        offset += len(data)
        if data:
            screen.write(data)
        elif ended:
            break
        else:
            screen.pause(run)
    screen.close()
    screen.say(_summary(run))


def _told(run: Run) -> dict[str, Any]:
    run._told = run._transport.run("GET", run.id, patience=_PATIENCE).json()
    return run._told


def _log(run: Run, offset: int) -> bytes:
    try:
        return run._transport.run_file(
            "GET", run.id, "logs", places.STD_LOG, query={"offset": offset}, patience=_PATIENCE
        ).data
    except ServiceException as error:
        if error.status == 404:
            return b""
        raise


def _summary(run: Run) -> str:
    lines = ["", "Execution Summary", "=================", f"RunId: {run.id}"]
    lines += [f"Web View: {run.get_portal_url()}", f"Status: {run.status}"]
    lines += [f"Warning ({each['source']}): {each['message']}" for each in run._told["warnings"]]
    if run._told["error"]:
        lines.append(f"Error: {json.dumps(run._told['error'], indent=1)}")
    return "\n".join([*lines, "", ""])


def _why(details: dict[str, Any]) -> str:
    error = details.get("error", {}).get("error", {})
    return f"The run {details['runId']} failed: {error.get('message') or error.get('code')}"
