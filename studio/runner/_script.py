"""The user's script as a process of ours."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from studio.contract import environ
from studio.runner import _processes

if TYPE_CHECKING:
    from studio.contract.launch import LaunchSpec
    from studio.runner._folder import RunFolder
    from studio.runner._processes import Process

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
# What an agent or studio knows and a script must not.
_PRIVATE = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")


class Script:
    """Starts the script and everything it starts; nothing of it leaves our sight.

    This process becomes the reaper of orphans, so a child that "daemonises" is still below us.

    Raises:
        OSError: the command cannot be started.
    """

    def __init__(self, spec: LaunchSpec, folder: RunFolder) -> None:
        self.run_id = spec.run_id
        self._root = folder.path.parent
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)
        with folder.output.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 (running it is what we are for)
                _command(spec),
                cwd=folder.code,
                env=_environment(spec, folder),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_begin,
            )

    @property
    def exit_code(self) -> int | None:
        """The exit code, 128 + n after signal n; None while it runs."""
        code = self._process.poll()
        return code if code is None or code >= 0 else 128 - code

    @property
    def pid(self) -> int:
        """The pid of the script's first process."""
        return self._process.pid

    def wait(self, seconds: float) -> None:
        """Wait for its end, up to some seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def processes(self) -> set[Process]:
        """Return all living processes of the script."""
        return _processes.of_run(self.run_id, below=os.getpid(), root=self._root)

    def reap(self) -> None:
        """Bury children that ended: the script, and orphans that became ours."""
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            # The script's exit code belongs to Popen.
            if ended.si_pid == self._process.pid:
                self._process.poll()
            else:
                os.waitpid(ended.si_pid, 0)


def _command(spec: LaunchSpec) -> list[str]:
    # "python" is the Python that the runner runs on: many machines have none of that name.
    first, *rest = spec.command
    return [sys.executable if first == "python" else first, *rest]


def _environment(spec: LaunchSpec, folder: RunFolder) -> dict[str, str]:
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith("STUDIO_") and k not in _PRIVATE
    }
    config = os.environ.get(environ.CONFIG_DIR)
    own = {environ.CONFIG_DIR: config} if config else {}
    return {
        **kept,
        "PYTHONUNBUFFERED": "1",
        **spec.environment,
        **own,
        environ.URL: spec.url,
        environ.WORKSPACE: spec.workspace,
        environ.EXPERIMENT: spec.experiment,
        environ.RUN_ID: spec.run_id,
        environ.RUN_TOKEN: spec.token,
        environ.TOKEN: spec.token,
        environ.SPOOL_DIR: str(folder.spool),
        environ.MARKER: _processes.marker(spec.run_id, folder.path.parent) + secrets.token_hex(8),
    }


def _begin() -> None:
    # What is ignored here would be ignored there: that outlives exec, and Ctrl-C between a script
    # and its own children would be lost.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
