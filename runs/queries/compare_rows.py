"""What runs have of their own: attributes, parameters, tags, properties, environment, description."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runs.queries import definition
from studio.contract import secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from runs.models import Run

_GIT = ("azureml.git.", "mlflow.source.git.")
_SNAPSHOT = "ContentSnapshotId"
_DESCRIPTION = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what it is of, and the value of each run; None where a run has nothing.

    ``kind`` says how values are drawn, ``metric`` of which metric they are. What each run has of
    ``is_own``, a time of day for one, is never a difference.
    """

    key: str
    label: str
    values: tuple[Any, ...]
    kind: str = "text"
    metric: str = ""
    is_own: bool = False
    differs: bool = False


def row(key: str, label: str, values: Iterable[Any], kind: str = "text", **more: Any) -> Row:
    """Return a row that knows whether its values differ."""
    found = tuple(values)
    differs = not more.get("is_own") and len(set(found)) > 1
    return Row(key, label, found, kind, differs=differs, **more)


def _attributes(runs: Sequence[Run]) -> list[Row]:
    found = [
        row(key, label, (of(run) for run in runs), kind, is_own=key == "created")
        for key, label, kind, of in _ATTRIBUTES
    ]
    return [each for each in found if any(value not in (None, "") for value in each.values)]


def _parameters(runs: Sequence[Run]) -> list[Row]:
    return _labels("param", [run.parameters for run in runs])


def _tags(runs: Sequence[Run]) -> list[Row]:
    # A tag without a value is not the same as no tag.
    labels = [{k: True if v is None else v for k, v in run.tags.items()} for run in runs]
    return _labels("tag", labels)


def _properties(runs: Sequence[Run]) -> list[Row]:
    """Return properties but those that are attributes already."""
    told = (*_GIT, _SNAPSHOT)
    return _labels(
        "property",
        [{k: v for k, v in run.properties.items() if not k.startswith(told)} for run in runs],
    )


def _environment(runs: Sequence[Run]) -> list[Row]:
    python = row("python", "Python", (_text(_defined(run, "python")) for run in runs), "code")
    texts = [definition.variables(_defined(run, "environmentVariables")) for run in runs]
    shown = [_veiled(each) for each in _labels("environment", texts)]
    return [*([python] if any(python.values) else []), *shown]


def _veiled(variable: Row) -> Row:
    """Return a secret without its values: where they differ, each is told by a number instead."""
    if not secrets.is_secret(variable.label):
        return variable
    different = list(dict.fromkeys(v for v in variable.values if v is not None))
    told = {value: f"{secrets.VEIL} {n}" for n, value in enumerate(different, 1)}
    if len(different) == 1:
        told = {different[0]: secrets.VEIL}
    return replace(variable, values=tuple(told.get(value) for value in variable.values))


def _description(runs: Sequence[Run]) -> list[Row]:
    texts = [run.description.strip()[:_DESCRIPTION] or None for run in runs]
    return [row("description", "Description", texts)] if any(texts) else []


def _labels(kind: str, labels: Sequence[Mapping[str, Any]]) -> list[Row]:
    keys = sorted({key for each in labels for key in each})
    return [row(f"{kind}:{key}", key, (each.get(key) for each in labels)) for key in keys]


def _defined(run: Run, name: str) -> Any:
    return (run.definition or {}).get(name)


def _text(value: Any) -> str | None:
    return definition.typed(value) or None


def _git(name: str) -> Callable[[Run], str | None]:
    names = [prefix + name for prefix in _GIT]
    return lambda run: next((run.properties[n] for n in names if n in run.properties), None)


def _error(run: Run) -> str | None:
    inside = (run.error or {}).get("error")
    told = inside if isinstance(inside, dict) else {}
    return _text(told.get("message")) or _text(told.get("code"))


def _seconds(run: Run) -> float | None:
    return None if run.duration is None else run.duration.total_seconds()


_ATTRIBUTES: tuple[tuple[str, str, str, Callable[[Run], Any]], ...] = (
    ("status", "Status", "status", lambda run: run.status),
    ("error", "Error", "text", _error),
    ("exit_code", "Exit code", "text", lambda run: run.exit_code),
    ("experiment", "Experiment", "text", lambda run: run.experiment.name),
    ("submitter", "Submitted by", "text", lambda run: str(run.created_by)),
    ("created", "Created", "time", lambda run: run.created_at),
    ("duration", "Duration", "duration", _seconds),
    ("compute", "Compute target", "text", lambda run: run.target),
    ("host", "Host", "text", lambda run: run.host or None),
    ("type", "Run type", "text", lambda run: run.run_type or None),
    ("parent", "Parent", "code", lambda run: run.parent.run_id if run.parent else None),
    ("script", "Script", "code", lambda run: run.script_name or None),
    ("arguments", "Arguments", "code", lambda run: _text(_defined(run, "arguments"))),
    ("command", "Command", "code", lambda run: _text(_defined(run, "command"))),
    ("git_repository", "Git repository", "text", _git("repository_uri")),
    ("git_branch", "Git branch", "text", _git("branch")),
    ("git_commit", "Git commit", "code", _git("commit")),
    ("git_dirty", "Git: files changed", "text", _git("dirty")),
    ("archived", "Archived", "text", lambda run: True if run.hidden else None),
)
ROWS_OF: dict[str, Callable[[Sequence[Run]], list[Row]]] = {
    "attributes": _attributes,
    "parameters": _parameters,
    "tags": _tags,
    "properties": _properties,
    "environment": _environment,
    "description": _description,
}
