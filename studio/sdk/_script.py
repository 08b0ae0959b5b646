"""What to submit: a script of a source directory, its arguments, and where it should run."""

from __future__ import annotations

import shlex
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.contract import limits
from studio.sdk._exceptions import ExperimentExecutionException, UserErrorException
from studio.sdk._run_config import Environment, RunConfiguration

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence


class ScriptRunConfig:
    """A script to run.

    Args:
        source_directory: the folder that is copied and run in.
        script: path of the script inside it; its arguments in ``arguments``, numbers allowed.
        run_config: says the rest; script, arguments and command given here win over its own.
        compute_target: name or object of a compute target; this machine when left out.
        environment: the Python and the variables of the script; nothing is installed.
        resume_from: a path, given to the script as ``--resume-from``.
        max_run_duration_seconds: the run is stopped after this time, and Failed.
        command: list or text to run instead of a script.
        environment_variables: for the script.
        grace_seconds: time between SIGTERM and SIGKILL when the run is canceled.

    Raises:
        UserErrorException: script and command together, or neither.
    """

    def __init__(
        self,
        source_directory: str | os.PathLike[str] | None = None,
        script: str | None = None,
        arguments: Sequence[object] | None = None,
        run_config: RunConfiguration | None = None,
        compute_target: object = None,
        environment: Environment | None = None,
        distributed_job_config: object = None,
        resume_from: str | os.PathLike[str] | None = None,
        max_run_duration_seconds: float | None = limits.MAX_RUN_SECONDS,
        command: str | Sequence[object] | None = None,
        docker_runtime_config: object = None,
        *,
        environment_variables: Mapping[str, str] | None = None,
        grace_seconds: float | None = None,
    ) -> None:
        self.source_directory = Path(source_directory or ".")
        self.grace_seconds = grace_seconds
        own = {
            "compute_target": compute_target,
            "environment": environment,
            "distributed_job_config": distributed_job_config,
            "docker_runtime_config": docker_runtime_config,
        }
        if max_run_duration_seconds != limits.MAX_RUN_SECONDS:
            own["max_run_duration_seconds"] = max_run_duration_seconds
        self.run_config = _over(run_config, own) if run_config else _alone(own)
        self._take(script, arguments, command)
        self.run_config.environment_variables.update(environment_variables or {})
        if resume_from is not None:
            self.run_config.arguments = [*self.arguments, "--resume-from", str(resume_from)]
        if (self.script is None) == (not self.command):
            raise UserErrorException("Give either a script or a command, not both.")

    @property
    def script(self) -> str | None:
        """The path of the script in the source directory, None for a command."""
        return self.run_config.script

    @property
    def arguments(self) -> list[str]:
        """The script's arguments, as texts."""
        return [str(argument) for argument in self.run_config.arguments]

    @property
    def command(self) -> list[str]:
        """The command, empty for a script."""
        told = self.run_config.command
        return shlex.split(told) if isinstance(told, str) else [str(part) for part in told or ()]

    @property
    def target(self) -> str:
        """The name of the compute target."""
        return self.run_config.target_name()

    def _take(
        self,
        script: str | None,
        arguments: Sequence[object] | None,
        command: str | Sequence[object] | None,
    ) -> None:
        """Put what the caller says over what the run configuration says."""
        config = self.run_config
        if isinstance(arguments, str) or isinstance(config.arguments, str):
            raise UserErrorException('Arguments are a list such as ["--lr", 0.1], not one text.')
        given = {"script": script, "arguments": arguments, "command": command}
        for name, value in given.items():
            if value is None:
                continue
            if getattr(config, name):
                warnings.warn(f"{name} of the run configuration is not used.", stacklevel=3)
            setattr(config, name, value)
        if script is not None and command is None:
            config.command = None
        elif command is not None and script is None:
            config.script = None

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


def _alone(own: Mapping[str, Any]) -> RunConfiguration:
    """Return a run configuration of what the caller says."""
    config = RunConfiguration()
    config.target = own["compute_target"] or config.target
    config.environment = own["environment"] or config.environment
    config.max_run_duration_seconds = own.get("max_run_duration_seconds", limits.MAX_RUN_SECONDS)
    for name in ("distributed_job_config", "docker_runtime_config"):
        if own[name] is not None:
            warnings.warn(
                f"{name} is not used: the script runs as one process of the compute target's own "
                "Python.",
                stacklevel=3,
            )
    return config


def _over(run_config: RunConfiguration, own: Mapping[str, object]) -> RunConfiguration:
    """Return a copy of a run configuration, which wins over what the caller says besides."""
    unused = [name for name, value in own.items() if value is not None]
    if unused:
        warnings.warn(
            f"run_config is given, so {', '.join(unused)} is not used: set it there.", stacklevel=3
        )
    return run_config.copied()
