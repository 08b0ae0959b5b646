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
# Deeper folders are shown as part of the file's name: a path may have five hundred of them.
_DEEPEST = 6
_MOST = 500


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file in the tree, by the part of its path that no folder above says."""

    name: str
    file: RunFile | LogFile


@dataclass(slots=True)
class Folder:
    """A folder with its folders and files; ``is_open`` unless it is of interest to few."""

    path: str
    folders: dict[str, Folder] = field(default_factory=dict)
    files: list[Leaf] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the folder is shown open."""
        return self.path not in _CLOSED

    def walk(self) -> Iterator[RunFile | LogFile]:
        """Yield all files in the order of the tree."""
        for folder in self.folders.values():
            yield from folder.walk()
        for leaf in self.files:
            yield leaf.file


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a run; ``left_out`` says how many more there are than are shown."""

    root: Folder
    left_out: int


def tree(run: Run) -> Tree:
    """Return the files of a run, logs first where there are too many to show."""
    logs, files = run.logs.order_by("path"), run.files.order_by("path")
    found: list[RunFile | LogFile] = [*logs[: _MOST + 1], *files[: _MOST + 1]]
    left_out = logs.count() + files.count() - _MOST if len(found) > _MOST else 0
    root = Folder("")
    for file in sorted(found[:_MOST], key=lambda file: file.path):
        _put(root, file)
    root.folders = dict(sorted(root.folders.items(), key=lambda item: _rank(item[0])))
    return Tree(root, left_out)


def chosen(run: Run, root: Folder, path: str) -> RunFile | LogFile | None:
    """Return the file of that path; without one the script's log, else the first file."""
    if path:
        return run.logs.filter(path=path).first() or run.files.filter(path=path).first()
    shown = list(root.walk())
    return next((file for file in shown if file.path == places.STD_LOG), next(iter(shown), None))


def _put(root: Folder, file: RunFile | LogFile) -> None:
    *parts, name = file.path.split("/", _DEEPEST)
    place = root
    for depth, part in enumerate(parts, 1):
        place = place.folders.setdefault(part, Folder("/".join(parts[:depth])))
    place.files.append(Leaf(name, file))


def _rank(name: str) -> tuple[int, str]:
    return (_FIRST.index(name), "") if name in _FIRST else (len(_FIRST), name)
