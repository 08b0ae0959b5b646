"""The files and logs of a run as a tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studio.contract import places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runs.models import LogFile, Run, RunFile

# In this order, these before all others.
_FIRST = (places.USER_LOGS, places.LOGS, places.OUTPUTS)
_CLOSED = (places.SYSTEM_LOGS,)


@dataclass(slots=True)
class Folder:
    """A folder with its folders and files; ``is_open`` unless it is of interest to few."""

    name: str
    folders: dict[str, Folder] = field(default_factory=dict)
    files: list[RunFile | LogFile] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the folder is shown open."""
        return self.name not in _CLOSED

    def walk(self) -> Iterator[RunFile | LogFile]:
        """Yield all files in the order of the tree."""
        for folder in self.folders.values():
            yield from folder.walk()
        yield from self.files


def tree(run: Run) -> Folder:
    """Return the root folder of a run's files."""
    root = Folder("")
    files: list[RunFile | LogFile] = [*run.files.all(), *run.logs.all()]
    for file in sorted(files, key=lambda file: file.path):
        place = root
        for part in file.path.split("/")[:-1]:
            place = place.folders.setdefault(part, Folder(part))
        place.files.append(file)
    root.folders = dict(sorted(root.folders.items(), key=lambda item: _rank(item[0])))
    return root


def chosen(root: Folder, path: str) -> RunFile | LogFile | None:
    """Return the file of that path; without one the script's log, else the first file."""
    files = list(root.walk())
    wanted = [file for file in files if file.path == (path or places.STD_LOG)]
    if wanted or path:
        return wanted[0] if wanted else None
    return files[0] if files else None


def _rank(name: str) -> tuple[int, str]:
    return (_FIRST.index(name), "") if name in _FIRST else (len(_FIRST), name)
