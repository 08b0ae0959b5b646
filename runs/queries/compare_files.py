"""The sources of runs, file by file: which are the same, and how two of them differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runs.models import Snapshot
from runs.queries import changed_lines
from runs.queries.changed_lines import Difference
from runs.queries.compare_rows import Row
from runs.stores import blobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runs.models import Run

# Longer files are told apart, but not line by line: that takes the square of their lines.
MOST_BYTES = 512 * 1024
MOST_LINES = 5_000


@dataclass(frozen=True, slots=True)
class File:
    """One file of a source directory."""

    sha256: str
    size: int
    executable: bool


def of_files(runs: Sequence[Run]) -> list[Row]:
    """Return a row for each file that one of the runs has; those that differ come first.

    A run without a snapshot has no source to compare: that is no difference.
    """
    wanted = {run.snapshot_id for run in runs if run.snapshot_id}
    if not wanted:
        return []
    kept = Snapshot.objects.filter(pk__in=wanted).values_list("pk", "manifest")
    files = {pk: {path: _file(entry) for path, entry in found.items()} for pk, found in kept}
    paths = sorted({path for each in files.values() for path in each})
    rows = []
    for path in paths:
        by_snapshot = {pk: each.get(path) for pk, each in files.items()}
        values = tuple(by_snapshot.get(run.snapshot_id or 0) for run in runs)
        differs = len(set(by_snapshot.values())) > 1
        rows.append(Row(f"file:{path}", path, values, "file", differs=differs))
    return sorted(rows, key=lambda each: not each.differs)


def files_of(run: Run) -> dict[str, File]:
    """Return the files of the source of a run by their paths, none of a run without a snapshot."""
    if not run.snapshot_id:
        return {}
    kept = Snapshot.objects.filter(pk=run.snapshot_id).values_list("manifest", flat=True).first()
    return {path: _file(entry) for path, entry in sorted((kept or {}).items())}


def file_of(run: Run, path: str) -> File | None:
    """Return a file of the source of a run, None where it has none of that path."""
    return files_of(run).get(path)


def changes(before: Mapping[str, File], after: Mapping[str, File]) -> dict[str, list[str]]:
    """Return the paths of the files that were changed, added and removed between two sources."""
    return {
        "changed": [path for path in after if path in before and before[path] != after[path]],
        "added": [path for path in after if path not in before],
        "removed": [path for path in before if path not in after],
    }


def difference(workspace: int, before: File | None, after: File | None) -> Difference:
    """Return how the content of a file has changed, line by line; a missing file is an empty one."""
    texts = []
    for file in (before, after):
        if file is not None and file.size > MOST_BYTES:
            return Difference([], problem=f"It has more than {MOST_BYTES // 1024} kB.")
        text = _text(workspace, file) if file is not None else ""
        if text is None:
            return Difference([], problem="It is no text, or its content is gone.")
        # Not splitlines: lines that differ by a carriage return should show it.
        texts.append(text.split("\n") if text else [])
    if any(len(lines) > MOST_LINES for lines in texts):
        return Difference([], problem=f"It has more than {MOST_LINES:,} lines.")
    return changed_lines.difference(*texts)


def _text(workspace: int, file: File) -> str | None:
    try:
        data = b"".join(blobs.stream(workspace, file.sha256))
        return None if b"\0" in data else data.decode()
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def _file(entry: dict[str, Any]) -> File:
    return File(entry["sha256"], entry["size"], entry["executable"])
