"""The source of a run: the files of its snapshot, which of them is opened first, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs import access, code_colours
from runs.queries import compare_files, previews

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from runs.access import Actor
    from runs.models import Run

MOST_LINES = 5_000
# So many runs before this one, of which none may have kept its source.
_LOOKED_AT = 50
# What is worth more as what it is than as its text.
_DRAWN = (".md", ".ipynb")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a snapshot."""

    path: str
    sha256: str
    size: int


def files(run: Run) -> dict[str, SourceFile]:
    """Return the files of a run's source by their paths."""
    found = compare_files.files_of(run)
    return {path: SourceFile(path, each.sha256, each.size) for path, each in found.items()}


def main(run: Run, files: Mapping[str, SourceFile]) -> SourceFile | None:
    """Return the file to be opened first: the script, else what looks most like one."""
    command = (run.definition or {}).get("command") or []
    words = command.split() if isinstance(command, str) else map(str, command)
    scripts = [path for path in files if path.endswith(".py")]
    tried = [
        run.script_name,
        *(word.removeprefix("./") for word in words),
        *("train.py", "main.py"),
        *(path for path in scripts if "/" not in path),
        *scripts,
        *files,
    ]
    return next((files[path] for path in tried if path in files), None)


def shown(run: Run, file: SourceFile, *, as_text: bool) -> dict[str, Any]:
    """Return what can be shown of a file, as ``previews.of_file``; text as lines of HTML."""
    is_drawn = file.path.lower().endswith(_DRAWN)
    found = previews.of_file(run, file, as_text=as_text or not is_drawn)
    told = {**found, "as_text": as_text and is_drawn}
    if found["kind"] != "text":
        return told
    lines = code_colours.lines(found["text"].replace("\r\n", "\n").removesuffix("\n"), file.path)
    is_cut = found["is_cut"] or len(lines) > MOST_LINES
    return {**told, "coloured": lines[:MOST_LINES], "is_cut": is_cut}


def before(run: Run, *, by: Actor) -> Run | None:
    """Return the run of the same experiment that came before this one and kept its source, if any."""
    alike = access.runs_of(by, run.workspace).listed().filter(depth=run.depth, pk__lt=run.pk)
    near = alike.filter(experiment=run.experiment).newest_first()[:_LOOKED_AT]
    return next((each for each in near if each.snapshot_id), None)
