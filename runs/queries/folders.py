"""Files as a tree of folders, short enough to be looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

# Deeper folders are shown as part of the file's name: a path may have five hundred of them.
_DEEPEST = 6
# So many files and folders are shown in a folder before somebody asks for all of it.
_SHOWN = 100
# So many files in all; what is further down stays closed, and comes when it is opened.
_ROOM = 1_000
# In a tree of more, and where a folder itself has more, inner folders are shown closed.
_FEW = 200
_FEW_INSIDE = 30


class HasPath(Protocol):
    """A file that a tree can hold."""

    @property
    def path(self) -> str:
        """Where it lies."""

    @property
    def size(self) -> int:
        """How many bytes it has."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file in the tree, by the part of its path that no folder above says."""

    name: str
    file: HasPath


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


@dataclass(frozen=True, slots=True)
class Tree:
    """Files below ``root``; ``left_out`` says how many more there are than were read."""

    root: Folder
    left_out: int = 0
    search: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be seen: all of the folder ``whole``, the way to the ``chosen`` file, what was sought.

    Folders of ``closed`` are shut unless they lead there.
    """

    chosen: str = ""
    whole: str = ""
    search: str = ""
    closed: Collection[str] = ()


def tree(
    files: Iterable[HasPath],
    look: Look,
    *,
    left_out: int = 0,
    rank: Callable[[str], tuple[int, str]] = lambda name: (0, name),
) -> Tree:
    """Return files as a tree, its outermost folders in the order of ``rank``."""
    root = Folder("")
    for file in sorted(files, key=lambda file: file.path):
        _put(root, file)
    root.folders = dict(sorted(root.folders.items(), key=lambda item: rank(item[0])))
    _Shortening(look, is_few=root.count <= _FEW or bool(look.search)).of(root)
    return Tree(root, left_out, look.search)


def _put(root: Folder, file: HasPath) -> None:
    *parts, name = file.path.split("/", _DEEPEST)
    place = root
    _count(place, file)
    for depth, part in enumerate(parts, 1):
        place = place.folders.setdefault(part, Folder("/".join(parts[:depth])))
        _count(place, file)
    place.files.append(Leaf(name, file))


def _count(folder: Folder, file: HasPath) -> None:
    folder.count += 1
    folder.size += file.size


class _Shortening:
    """Leaves out what is more than one wants to see at once, but never the file that is open."""

    def __init__(self, look: Look, *, is_few: bool) -> None:
        self._look, self._is_few = look, is_few
        self._room = _ROOM

    def of(self, folder: Folder, depth: int = 0) -> None:
        """Shorten a folder and all in it."""
        look = self._look
        is_small = depth < 2 or (self._is_few and folder.count <= _FEW_INSIDE)
        is_wanted = _leads(folder.path, look) or not depth
        folder.is_open = is_wanted or (
            folder.path not in look.closed and is_small and self._room > 0
        )
        names = list(folder.folders)
        if not folder.path or folder.path != look.whole:
            most = _SHOWN if folder.is_open or self._room > 0 else 0
            shown = set(names[:most]) | {n for n in names if _leads(folder.folders[n].path, look)}
            leaves = folder.files[:most]
            leaves += [leaf for leaf in folder.files[most:] if leaf.file.path == look.chosen]
            folder.left = len(names) - len(shown) + len(folder.files) - len(leaves)
            folder.folders = {name: folder.folders[name] for name in names if name in shown}
            folder.files = leaves
        self._room -= len(folder.files)
        for inner in folder.folders.values():
            self.of(inner, depth + 1)


def _leads(path: str, look: Look) -> bool:
    return any(end == path or end.startswith(f"{path}/") for end in (look.chosen, look.whole))
