"""Run configurations: how a script is run, kept as a YAML file beside it.

What is understood: script, arguments, command, target, environment (Python's path and variables),
environmentVariables, maxRunDurationSeconds, history. All else in a file is kept as it was.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.contract import limits, places
from studio.contract.words import TARGET_LOCAL
from studio.sdk._exceptions import RunConfigurationException, UserErrorException

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

_SUFFIX = ".runconfig"
_FOLDERS = (places.CONFIG_FOLDER, ".azureml", "aml_config", ".")
# The name of whichever Python is found where the script runs.
ANY_PYTHON = "python"


@dataclass
class PythonSection:
    """The Python that runs the script: its path where the script runs."""

    interpreter_path: str = ANY_PYTHON
    user_managed_dependencies: bool = True


@dataclass
class Environment:
    """The Python and the variables of a script. Nothing is installed: both must be there."""

    name: str | None = None
    python: PythonSection = field(default_factory=PythonSection)
    environment_variables: dict[str, str] = field(default_factory=dict)


@dataclass
class HistoryConfiguration:
    """What is kept of a run. It is written and read; all of it is always kept here."""

    output_collection: bool = True
    snapshot_project: bool = True
    directories_to_watch: list[str] = field(default_factory=lambda: [places.LOGS])


class RunConfiguration:
    """How a script is run. ``ScriptRunConfig`` takes one, ``save`` and ``load`` keep it in a file.

    ``target`` is a compute target or its name; ``max_run_duration_seconds`` stops the run.
    """

    def __init__(
        self,
        script: str | None = None,
        arguments: Sequence[object] | None = None,
        *,
        command: str | Sequence[object] | None = None,
    ) -> None:
        self.script = script
        self.arguments: Sequence[object] = list(arguments or [])
        self.command = command
        self.target: object = TARGET_LOCAL
        self.environment = Environment()
        self.environment_variables: dict[str, str] = {}
        self.max_run_duration_seconds: float | None = limits.MAX_RUN_SECONDS
        self.history = HistoryConfiguration()
        self._other: dict[str, Any] = {}

    @classmethod
    def load(cls, path: str | os.PathLike[str], name: str | None = None) -> RunConfiguration:
        """Return the configuration in a file, or that of a ``name`` in a folder.

        In a folder it is looked for in ``.studio``, ``.azureml``, ``aml_config`` and beside them.

        Raises:
            UserErrorException: there is none.
            RunConfigurationException: the file says something else.
        """
        return _read(_find(Path(path), name))

    def save(
        self,
        path: str | os.PathLike[str] | None = None,
        name: str | None = None,
        separate_environment_yaml: bool = False,
    ) -> None:
        """Write ``<path>/.studio/<name>.runconfig``; the folder is made where there is none.

        Raises:
            UserErrorException: no name, or the file cannot be written.
        """
        if not name:
            raise UserErrorException('Under which name? For example save(name="gpu").')
        import yaml

        file = Path(path or ".", places.CONFIG_FOLDER, name.removesuffix(_SUFFIX) + _SUFFIX)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(yaml.safe_dump(self._document(), sort_keys=False, allow_unicode=True))
        except OSError as error:
            raise UserErrorException(f"{file} cannot be written: {error}") from None

    def target_name(self) -> str:
        """Return the name of the compute target."""
        return str(getattr(self.target, "name", None) or self.target or TARGET_LOCAL)

    def variables(self) -> dict[str, str]:
        """Return the variables of the environment with those of this configuration over them."""
        return {**self.environment.environment_variables, **self.environment_variables}

    def copied(self) -> RunConfiguration:
        """Return a configuration of its own that says the same, of the same compute target."""
        other = copy.copy(self)
        other.arguments = list(self.arguments)
        other.environment = copy.deepcopy(self.environment)
        other.environment_variables = dict(self.environment_variables)
        other.history = copy.deepcopy(self.history)
        return other

    def _document(self) -> dict[str, Any]:
        told = copy.deepcopy(self._other)
        environment = told.setdefault("environment", {})
        environment.update(
            name=self.environment.name,
            environmentVariables=dict(self.environment.environment_variables),
        )
        environment.setdefault("python", {}).update(
            interpreterPath=self.environment.python.interpreter_path,
            userManagedDependencies=self.environment.python.user_managed_dependencies,
        )
        told.setdefault("history", {}).update(
            outputCollection=self.history.output_collection,
            snapshotProject=self.history.snapshot_project,
            directoriesToWatch=list(self.history.directories_to_watch),
        )
        command = self.command
        return {
            "script": self.script,
            "arguments": [str(argument) for argument in self.arguments],
            "target": self.target_name(),
            "maxRunDurationSeconds": self.max_run_duration_seconds,
            **told,
            "command": command if command is None or isinstance(command, str) else [*command],
            "environmentVariables": dict(self.environment_variables),
        }

    def __repr__(self) -> str:
        what = self.script or self.command
        return f"RunConfiguration({what!r}, target={self.target_name()!r})"


def _find(path: Path, name: str | None) -> Path:
    if path.is_file():
        return path
    if not name:
        raise UserErrorException(f"{path} is no file. Give the name of a configuration as well.")
    names = (name, name + _SUFFIX)
    places_ = [path / folder / each for folder in _FOLDERS for each in names]
    for place in places_:
        if place.is_file() and (place.suffix == _SUFFIX or place.parent != path):
            return place
    raise UserErrorException(
        f'There is no run configuration "{name}": {places_[1]} is missing. '
        "RunConfiguration.save(path, name) writes one."
    )


def _read(file: Path) -> RunConfiguration:
    import yaml

    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise RunConfigurationException(f"{file} cannot be read: {error}") from None
    if not isinstance(told, dict):
        raise RunConfigurationException(f"{file} should hold fields such as script and target.")
    return _Fields(file, told).configuration()


class _Fields:
    """The fields of a file, each checked when it is taken; what nobody takes is left over."""

    def __init__(self, file: Path, told: dict[str, Any]) -> None:
        self._file = file
        self._told = copy.deepcopy(told)

    def configuration(self) -> RunConfiguration:
        told = self._told
        config = RunConfiguration(
            self._take(told, "script", str, None),
            self._take(told, "arguments", list, []),
            command=self._take(told, "command", (str, list), None) or None,
        )
        config.target = self._take(told, "target", str, TARGET_LOCAL)
        config.max_run_duration_seconds = self._take(
            told, "maxRunDurationSeconds", (int, float), limits.MAX_RUN_SECONDS
        )
        config.environment_variables = self._texts(told)
        environment = self._inside(told, "environment")
        python = self._inside(environment, "python")
        config.environment = Environment(
            self._take(environment, "name", str, None),
            PythonSection(
                self._take(python, "interpreterPath", str, ANY_PYTHON),
                self._take(python, "userManagedDependencies", bool, True),
            ),
            self._texts(environment),
        )
        history = self._inside(told, "history")
        config.history = HistoryConfiguration(
            self._take(history, "outputCollection", bool, True),
            self._take(history, "snapshotProject", bool, True),
            self._take(history, "directoriesToWatch", list, [places.LOGS]),
        )
        config._other = told
        return config

    def _take(
        self, fields: dict[str, Any], name: str, kind: type | tuple[type, ...], default: Any
    ) -> Any:
        value = fields.pop(name, None)
        if value is None:
            return default
        if not isinstance(value, kind):
            raise RunConfigurationException(f"{self._file}: {name} cannot be {value!r}.")
        return value

    def _inside(self, fields: dict[str, Any], name: str) -> dict[str, Any]:
        inside: dict[str, Any] = self._take(fields, name, dict, {})
        # Put back: what is not taken from inside it is left over as well.
        fields[name] = inside
        return inside

    def _texts(self, fields: dict[str, Any]) -> dict[str, str]:
        told: Mapping[str, object] = self._take(fields, "environmentVariables", dict, {})
        return {str(name): str(value) for name, value in told.items()}
