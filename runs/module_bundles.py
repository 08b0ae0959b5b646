"""ES modules in one piece with those that they import, so that a page asks for two of them, not for twenty.

Each module keeps its text, in a block of its own; what it exports stands in a constant before the next
one. A module that others import besides names its bundle instead, so that nothing ever runs twice.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# How our modules are written: one import or export to a line, from its beginning on.
_IMPORT = re.compile(r'^import (?:\{ (?P<names>[\w, ]+) \} from )?"(?P<path>\.[^"]+)";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (?P<name>\w+))", re.M)
_LAZY = re.compile(r'(?<=\bimport\(")\.[^"]+(?="\))')
_KEYWORD = re.compile(r"^(?:import|export)\b", re.M)


def bundled(
    sources: Mapping[str, str], entries: tuple[str, ...], alone: tuple[str, ...] = ()
) -> dict[str, str]:
    """Return the new texts of modules by their names: of the entries, and of what others find in them.

    Every page has the first entry, which may hold whatever it reaches; another holds what only it
    reaches. Beside one that stands ``alone`` a page has none but the first: it holds its own copies.

    Raises:
        ValueError: a module imports or exports in a way that is not understood here.
    """
    found: dict[str, str] = {}
    homes: dict[str, tuple[str, str]] = {}
    first = set(_reached(sources, entries[0]))
    for entry in alone:
        inside = [name for name in _reached(sources, entry) if name not in first]
        places = {name: (entry, f"m{place}") for place, name in enumerate(inside)}
        shared = {
            name: (entries[0], f"m{n}") for n, name in enumerate(_reached(sources, entries[0]))
        }
        found[entry] = _Bundle(sources, entry, shared | places).text(inside)
    sources = {name: text for name, text in sources.items() if name not in alone}
    for entry in entries:
        inside = [name for name in _reached(sources, entry) if name not in homes]
        if entry != entries[0]:
            inside = _own(sources, inside)
        homes |= {name: (entry, f"m{place}") for place, name in enumerate(inside)}
        found[entry] = _Bundle(sources, entry, homes).text(inside)
    for name, (entry, place) in homes.items():
        exported = _exported(sources[name])
        if name != entry and exported:
            found[name] = (
                f'import {{ {place} }} from "{_relative(entry, name)}";\n'
                f"export const {{ {exported} }} = {place};\n"
            )
    return found


class _Bundle:
    """One entry with the modules that stand inside; ``homes`` says in which bundle each stands, and how."""

    def __init__(
        self, sources: Mapping[str, str], entry: str, homes: Mapping[str, tuple[str, str]]
    ) -> None:
        self._sources, self._entry, self._homes = sources, entry, homes
        self._outside: dict[str, str] = {}

    def text(self, inside: list[str]) -> str:
        parts = [self._part(name) for name in inside]
        imports = [f'import * as {to} from "{path}";\n' for path, to in self._outside.items()]
        given = [self._homes[name][1] for name in inside if _exported(self._sources[name])]
        exports = f"export {{ {', '.join(given)} }};\n" if given else ""
        return "".join([*imports, *parts, exports])

    def _part(self, name: str) -> str:
        text = self._sources[name]
        body = _IMPORT.sub(lambda line: self._constant(line, name), text)
        body = _LAZY.sub(lambda path: _relative(_absolute(path[0], name), self._entry), body)
        body = _EXPORT.sub("", body)
        if _KEYWORD.search(body):
            raise ValueError(f"{name} imports or exports in a way that no bundle can hold.")
        exported, place = _exported(text), self._homes[name][1]
        if not exported:
            return f"// {name}\n{{\n{body}}}\n"
        given = f"Object.assign({place}, {{ {exported} }});\n"
        return f"// {name}\nconst {place} = {{}};\n{{\n{body}{given}}}\n"

    def _constant(self, line: re.Match[str], name: str) -> str:
        other = _absolute(line["path"], name)
        home, place = self._homes.get(other, (other, ""))
        if home != self._entry:
            path = _relative(home, self._entry)
            around = self._outside.setdefault(path, f"x{len(self._outside)}")
            place = f"{around}.{place}".rstrip(".")
        return f"const {{ {line['names']} }} = {place};\n" if line["names"] else ""


def _reached(sources: Mapping[str, str], entry: str) -> list[str]:
    """Return a module and all that it imports, in the order in which they run."""
    order: list[str] = []

    def visit(name: str) -> None:
        for other in _imported(sources[name], name):
            if other in sources:
                visit(other)
        if name not in order:
            order.append(name)

    visit(entry)
    return order


def _own(sources: Mapping[str, str], inside: list[str]) -> list[str]:
    """Return those modules that no module outside asks for; the last one is what pages ask for."""
    *rest, entry = inside
    kept = set(rest)
    while True:
        outside = sources.keys() - kept - {entry}
        asked = {other for name in outside for other in _asked(sources[name], name)}
        if not kept & asked:
            return [name for name in rest if name in kept] + [entry]
        kept -= asked


def _exported(text: str) -> str:
    return ", ".join(found["name"] for found in _EXPORT.finditer(text))


def _imported(text: str, name: str) -> Iterator[str]:
    return (_absolute(found["path"], name) for found in _IMPORT.finditer(text))


def _asked(text: str, name: str) -> Iterator[str]:
    """Return what a module imports, at once or later."""
    yield from _imported(text, name)
    yield from (_absolute(found[0], name) for found in _LAZY.finditer(text))


def _absolute(path: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _relative(path: str, name: str) -> str:
    found = posixpath.relpath(path, posixpath.dirname(name))
    return found if found.startswith(".") else f"./{found}"
