"""The files and logs of a run as a tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q

from studio.contract import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runs.models import LogFile, Run, RunFile

# In this order, these before all others.
_FIRST = (places.USER_LOGS, places.LOGS, places.OUTPUTS)
_CLOSED = (places.SYSTEM_LOGS,)
# Deeper folders are shown as part of the file's name: a path may have five hundred of them.
_DEEPEST = 6
# So many are read; a search finds the others.
_MOST = 10_000
# So many files and folders are shown in a folder before somebody asks for all of it.
_SHOWN = 100
# In a tree of more, and where a folder itself has more, inner folders are shown closed.
_FEW = 200
_FEW_INSIDE = 30
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file in the tree, by the part of its path that no folder above says."""

    name: str
    file: RunFile | LogFile


@dataclass(slots=True)
class Folder:
    """A folder with its folders and files, how many files are below it, and how many bytes.

    ``left`` says how many of its own files and folders are not shown.
    """

    path: str
    folders: dict[str, Folder] = field(default_factory=dict)
    files: list[Leaf] = field(default_factory=list)
    count: int = 0
    size: int = 0
    left: int = 0
    is_open: bool = True

    def walk(self) -> Iterator[RunFile | LogFile]:
        """Yield all files in the order of the tree."""
        for folder in self.folders.values():
            yield from folder.walk()
        for leaf in self.files:
            yield leaf.file


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a run; ``left_out`` says how many more there are than were read."""

    root: Folder
    left_out: int
    search: str = ""


def tree(run: Run, *, search: str = "", whole: str = "", chosen: str = "") -> Tree:
    """Return the files of a run whose path has ``search`` in it, logs first where there are too many.

    All of the folder ``whole`` is shown, and the way to the ``chosen`` file is open.
    """
    meant = Q(path__icontains=search[:LONGEST_SEARCH]) if search else Q()
    logs, files = run.logs.filter(meant).order_by("path"), run.files.filter(meant).order_by("path")
    found: list[RunFile | LogFile] = [*logs[: _MOST + 1], *files[: _MOST + 1]]
    left_out = logs.count() + files.count() - _MOST if len(found) > _MOST else 0
    root = Folder("")
    for file in sorted(found[:_MOST], key=lambda file: file.path):
        _put(root, file)
    root.folders = dict(sorted(root.folders.items(), key=lambda item: _rank(item[0])))
    _shorten(root, whole, chosen, is_few=root.count <= _FEW or bool(search))
    return Tree(root, left_out, search)


def chosen(run: Run, path: str) -> RunFile | LogFile | None:
    """Return the file of that path; without one the script's log, else the first log or file."""
    if path:
        return run.logs.filter(path=path).first() or run.files.filter(path=path).first()
    log = run.logs.filter(path=places.STD_LOG).first() or run.logs.order_by("path").first()
    return log or run.files.order_by("path").first()


def known(run: Run, paths: Iterable[str]) -> list[str]:
    """Return which of these paths are files or logs of the run, in their order, each once."""
    asked = list(dict.fromkeys(paths))
    found = {
        *run.logs.filter(path__in=asked).values_list("path", flat=True),
        *run.files.filter(path__in=asked).values_list("path", flat=True),
    }
    return [path for path in asked if path in found]


def _put(root: Folder, file: RunFile | LogFile) -> None:
    *parts, name = file.path.split("/", _DEEPEST)
    place = root
    _count(place, file)
    for depth, part in enumerate(parts, 1):
        place = place.folders.setdefault(part, Folder("/".join(parts[:depth])))
        _count(place, file)
    place.files.append(Leaf(name, file))


def _count(folder: Folder, file: RunFile | LogFile) -> None:
    folder.count += 1
    folder.size += file.size


def _shorten(folder: Folder, whole: str, chosen: str, *, is_few: bool, depth: int = 0) -> None:
    """Leave out what is more than one wants to see at once, but never the file that is open."""
    leads = chosen.startswith(f"{folder.path}/") or f"{whole}/".startswith(f"{folder.path}/")
    folder.is_open = leads or (
        folder.path not in _CLOSED and (depth < 2 or (is_few and folder.count <= _FEW_INSIDE))
    )
    if folder.path != whole or not whole:
        names = list(folder.folders)
        shown = set(names[:_SHOWN]) | {n for n in names if _leads(folder, n, chosen, whole)}
        leaves = folder.files[:_SHOWN] + [
            leaf for leaf in folder.files[_SHOWN:] if leaf.file.path == chosen
        ]
        folder.left = len(names) - len(shown) + len(folder.files) - len(leaves)
        folder.folders = {name: folder.folders[name] for name in names if name in shown}
        folder.files = leaves
    for inner in folder.folders.values():
        _shorten(inner, whole, chosen, is_few=is_few, depth=depth + 1)


def _leads(folder: Folder, name: str, chosen: str, whole: str) -> bool:
    path = folder.folders[name].path
    return any(end == path or end.startswith(f"{path}/") for end in (chosen, whole))


def _rank(name: str) -> tuple[int, str]:
    return (_FIRST.index(name), "") if name in _FIRST else (len(_FIRST), name)
