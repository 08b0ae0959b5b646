"""What to submit: a script of a source directory, its arguments, and where it should run."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.contract import limits
from studio.contract.words import TARGET_LOCAL
from studio.sdk._exceptions import ExperimentExecutionException, UserErrorException

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence


class ScriptRunConfig:
    """A script to run.

    Args:
        source_directory: the folder that is copied and run in.
        script: path of the script inside it; its arguments in ``arguments``, numbers allowed.
        command: list or text to run instead of a script.
        compute_target: name or object of a compute target; this machine when left out.
        environment_variables: for the script.
        max_run_duration_seconds: the run is stopped after this time, and Failed.
        grace_seconds: time between SIGTERM and SIGKILL when the run is canceled.

    Raises:
        UserErrorException: script and command together, or neither.
    """

    def __init__(
        self,
        source_directory: str | os.PathLike[str] | None = None,
        script: str | None = None,
        arguments: Sequence[object] | None = None,
        *,
        compute_target: object = None,
        command: str | Sequence[object] | None = None,
        environment_variables: Mapping[str, str] | None = None,
        max_run_duration_seconds: float = limits.MAX_RUN_SECONDS,
        grace_seconds: float | None = None,
    ) -> None:
        if (script is None) == (command is None):
            raise UserErrorException("Give either a script or a command, not both.")
        if isinstance(arguments, str):
            raise UserErrorException('Arguments are a list such as ["--lr", 0.1], not one text.')
        self.source_directory = Path(source_directory or ".")
        self.script = script
        self.arguments = [str(argument) for argument in arguments or []]
        self.command = _command(command)
        self.compute_target = compute_target
        self.environment_variables = dict(environment_variables or {})
        self.max_run_duration_seconds = max_run_duration_seconds
        self.grace_seconds = grace_seconds

    @property
    def target(self) -> str:
        """The name of the compute target."""
        wanted: Any = self.compute_target
        if wanted is None:
            return TARGET_LOCAL
        if isinstance(wanted, str):
            return wanted
        return str(wanted["name"] if isinstance(wanted, dict) else wanted.name)

    def checked_script(self) -> str:
        """Return the script's path inside the source directory, "" for a command.

        Raises:
            ExperimentExecutionException: no such folder or script, or one outside the folder.
        """
        folder = self.source_directory.resolve()
        if not folder.is_dir():
            raise ExperimentExecutionException(
                f"The source directory {self.source_directory} is not there."
            )
        if self.script is None:
            return ""
        file = (folder / self.script).resolve()
        if not file.is_relative_to(folder):
            raise ExperimentExecutionException(
                f"The script {self.script} lies outside the source directory {folder}. "
                "Only that folder is copied: choose a source directory that holds the script."
            )
        if not file.is_file():
            raise ExperimentExecutionException(
                f"There is no script {self.script} in {folder}. Its path is relative to that folder."
            )
        return (folder / self.script).relative_to(folder).as_posix()


def _command(command: str | Sequence[object] | None) -> list[str]:
    if command is None:
        return []
    if isinstance(command, str):
        return shlex.split(command)
    return [str(part) for part in command]
