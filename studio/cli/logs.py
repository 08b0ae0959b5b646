"""``studio run logs``: lines of a log by their numbers, or by what is in them; the studio looks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from studio.cli.connecting import run_of
from studio.cli.ending import CommandError
from studio.cli.printing import show as print_result
from studio.cli.terminal import complain, harmless

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from studio.sdk import Run

_PIECE = 1_000
_RANGE = re.compile(r"([1-9][0-9]{0,14})(?:-([1-9][0-9]{0,14}))?", re.ASCII)


def show(asked: argparse.Namespace) -> None:
    """Print lines of a log, each with its number.

    Raises:
        CommandError: lines that are none; an expression without a text.
    """
    first, last = _lines_asked(asked.lines)
    if (asked.regex or asked.case) and not asked.search:
        raise CommandError("--regex and --case say how to --search; give a text to search for.")
    if asked.errors and asked.search:
        raise CommandError("--errors looks for errors and --search for a text: choose one.")
    run = run_of(asked)
    found = _looking(asked, run, first, last) if asked.search or asked.errors else None
    if found is None:
        found = _reading(asked, run, first, last)
    lines = list(found)
    if not lines:
        complain(f"The log {asked.file} of the run {run.id} has no such line.")
    said = "\n".join(_said(line, is_dated=asked.timestamps) for line in lines)
    print_result(asked, lines, said)


def _said(line: dict[str, Any], *, is_dated: bool) -> str:
    """Return a line as it is printed; one whose time nobody noted has a dash for it."""
    time = f"{harmless(line.get('timeUtc') or '-'):24} " if is_dated else ""
    return f"{line['line']}: {time}{harmless(line['text'], keep_lines=True)}"


def _lines_asked(text: str | None) -> tuple[int | None, int | None]:
    if text is None:
        return None, None
    found = _RANGE.fullmatch(text)
    if found is None:
        raise CommandError(f'"{text}" is no line; it is a number from 1, or two as in 120-140.')
    numbers = sorted((int(found[1]), int(found[2] or found[1])))
    return numbers[0], numbers[1]


def _reading(
    asked: argparse.Namespace, run: Run, first: int | None, last: int | None
) -> Iterator[dict[str, Any]]:
    if first is None:
        end = _asked(run, "lines", {"path": asked.file, "limit": 1})["total"]
        first = max(1, end - asked.last + 1)
    place: int | None = first
    while place is not None:
        query = {"path": asked.file, "first": place, "last": last, "limit": _PIECE}
        told = _asked(run, "lines", query)
        yield from told["items"]
        place = told["next"]


def _looking(
    asked: argparse.Namespace, run: Run, first: int | None, last: int | None
) -> Iterator[dict[str, Any]]:
    """Yield each line that has it; a look lasts a second or two, so there may be many of them."""
    place, left = first or 1, asked.last
    while left > 0:
        query = {
            "path": asked.file,
            "text": asked.search,
            "regex": _flag(asked.regex),
            "case": _flag(asked.case),
            "errors": _flag(asked.errors),
            "times": _flag(asked.timestamps),
            "first": place,
            "last": last,
            "limit": min(left, _PIECE),
        }
        told = _asked(run, "search", query)
        yield from told["items"]
        left -= len(told["items"])
        if told["complete"]:
            return
        place = told["next"]
    complain(f"There may be more: only {asked.last:,} lines are shown. --last says how many.")


def _asked(run: Run, what: str, query: dict[str, Any]) -> dict[str, Any]:
    asked = {name: value for name, value in query.items() if value is not None}
    told: dict[str, Any] = run._transport.run("GET", run.id, "logs", what, query=asked).json()
    return told


def _flag(on: bool) -> str | None:
    return "true" if on else None
