"""One run from start to end, beside its script."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from studio.runner import _error, _processes, _stop
from studio.runner._courier import Courier
from studio.runner._heart import Heart
from studio.runner._script import Script

if TYPE_CHECKING:
    from types import FrameType

    from studio.contract.launch import LaunchSpec
    from studio.contract.words import Step
    from studio.runner._folder import RunFolder
    from studio.runner._processes import Process

_LOOK_EVERY = 0.1
# What a script leaves running after its end has this long to end by itself.
_LEFT_BEHIND_GRACE = 1.0


def supervise(folder: RunFolder) -> None:
    """Start the script, report on it, and return once everything is delivered."""
    spec = folder.read_spec()
    me = _processes.this_process()
    folder.write_status(boot_id=_processes.boot_id(), runner_pid=me.pid, runner_started=me.started)
    _Supervisor(spec, folder).run()
    folder.write_status(finished=True)


class _Supervisor:
    def __init__(self, spec: LaunchSpec, folder: RunFolder) -> None:
        self._spec = spec
        self._folder = folder
        self._courier = Courier(spec, folder)
        self._terminated = threading.Event()
        for ignored in (signal.SIGINT, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._on_sigterm)

    def run(self) -> None:
        host = socket.gethostname()
        self._note(f"Runner on {host} starts: {' '.join(self._spec.command)}")
        try:
            script = Script(self._spec, self._folder)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            self._cannot_start(error)
            return
        self._keep(script_pid=script.pid)
        self._courier.reports.add("start", {"host": host})
        heart = Heart(self._spec.run_id, host, self._folder, self._folder.transport(self._spec))
        self._courier.start()
        why = self._watch(script, heart)
        is_gone = True
        if why:
            is_gone = self._stop(script, heart, why)
        else:
            self._clear_up(script)
        self._courier.stop()
        self._keep(exit_code=script.exit_code)
        self._note(f"The script ended with exit code {script.exit_code}.")
        if why in ("cancel", "terminated"):
            self._report_cancel(script, why, is_gone)
        else:
            self._report_end(script, heart, why)
        self._courier.send_logs()
        self._courier.deliver()
        heart.end()
        self._note("Everything is delivered.")

    def _watch(self, script: Script, heart: Heart) -> str:
        """Wait for the end of the script; returns why it should be stopped, "" when it ended."""
        end = time.monotonic() + self._spec.max_run_seconds
        while script.exit_code is None:
            if heart.stop.is_set():
                return "cancel"
            if self._courier.gone.is_set() or heart.gone.is_set():
                self._courier.gone.set()
                return "gone"
            if self._terminated.is_set():
                return "terminated"
            if time.monotonic() > end:
                return "time"
            script.wait(_LOOK_EVERY)
            # Orphans are ours to bury, or a long run would fill the table of processes.
            script.reap()
        return ""

    def _stop(self, script: Script, heart: Heart, why: str) -> bool:
        """Stop the script; returns whether nothing of it is left."""
        grace = self._spec.grace_seconds if heart.grace is None else heart.grace
        self._note(f"Stopping the script ({why}), with a grace of {grace:g} s.")
        is_gone = _stop.stop(script.processes, grace, self._tell, script.reap)
        script.wait(1)
        return is_gone

    def _clear_up(self, script: Script) -> None:
        """End what the script has left running."""
        script.reap()
        left = script.processes()
        if left:
            count = len(left)
            left_over = f"{count} process{'' if count == 1 else 'es'}"
            message = f"The script ended and left {left_over} running; stopped."
            self._courier.reports.add("warnings", {"source": "runner", "message": message})
            _stop.stop(script.processes, _LEFT_BEHIND_GRACE, self._note_step, script.reap)

    def _report_cancel(self, script: Script, why: str, is_gone: bool) -> None:
        self._courier.send_logs()
        told = "No process of the run is left."
        if not is_gone:
            told = "Some processes of the run cannot be ended, even by SIGKILL."
        if why == "terminated":
            told = f"The runner was told to end. {told}"
        self._final("canceled", {"reason": told, "exitCode": script.exit_code})
        # A canceled run is not kept waiting for its files.
        self._courier.send_outputs()

    def _report_end(self, script: Script, heart: Heart, why: str) -> None:
        self._courier.reports.add("finalize")
        self._courier.deliver()
        self._courier.send_logs()
        self._courier.send_outputs(unless=heart.stop)
        if heart.stop.is_set():
            told = "The script had ended; the rest of its outputs was not uploaded."
            self._final("canceled", {"reason": told, "exitCode": script.exit_code})
        else:
            self._final(*self._outcome(script.exit_code, why))

    def _outcome(self, code: int | None, why: str) -> tuple[str, dict[str, Any]]:
        if why == "time":
            message = (
                f"The run was stopped after its longest time, {self._spec.max_run_seconds:g} s."
            )
            error = {"code": "MaxRunDurationExceeded", "message": message}
            return "fail", {"error": error, "exitCode": code}
        said = _error.said_by_script(self._folder)
        if code == 0 and said is None:
            return "complete", {"exitCode": 0}
        error = said or _error.of_script(self._folder, 1 if code is None else code)
        return "fail", {"error": error, "exitCode": code}

    def _cannot_start(self, error: Exception) -> None:
        command = " ".join(self._spec.command[:1])
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        told = f"The command {command!r} cannot be started: {reason}."
        self._note(told)
        self._final("fail", {"error": {"code": "UserError", "message": told}})
        self._courier.send_logs()

    def _final(self, what: str, body: dict[str, Any]) -> None:
        self._courier.reports.add(what, body)
        self._courier.deliver()

    def _tell(self, step: Step, message: str, processes: set[Process]) -> None:
        self._note(message)
        body = {"step": step.value, "message": message, "data": _stop.told_of(processes)}
        self._courier.reports.add("steps", body)

    def _note_step(self, step: Step, message: str, processes: set[Process]) -> None:
        self._note(message)

    def _keep(self, **told: Any) -> None:
        # On a full disk the run goes on; only its agent knows less.
        with contextlib.suppress(OSError):
            self._folder.write_status(**told)

    def _note(self, text: str) -> None:
        with (
            contextlib.suppress(OSError),
            self._folder.journal.open("a", encoding="utf-8", errors="replace") as file,
        ):
            file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3] + f"Z  {text}\n")

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:
        self._terminated.set()
