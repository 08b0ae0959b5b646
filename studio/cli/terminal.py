"""What a terminal can show: colours, its width, nothing that could steer it."""

from __future__ import annotations

import os
import sys
import unicodedata
from typing import TextIO

_LONGEST_COMPLAINT = 2_000
_NAMED = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_ESCAPES = {**_CONTROLS, **_NAMED, 0x2028: "\\u2028", 0x2029: "\\u2029"}
_BUT_LINES = {code: text for code, text in _ESCAPES.items() if code not in (0x09, 0x0A)}
_COLOURS = {
    "Completed": "32",
    "Failed": "31",
    "NotResponding": "31",
    "Canceled": "33",
    "CancelRequested": "33",
    "Finalizing": "36",
    "Running": "36",
}


def is_terminal(stream: TextIO) -> bool:
    """Whether somebody looks at a stream on a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def has_colours(stream: TextIO) -> bool:
    """Whether colours are wanted there: on a terminal, unless NO_COLOR says something."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def width(stream: TextIO) -> int:
    """Return how many columns the terminal of a stream has, 80 where it does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def paint(text: str, status: str) -> str:
    """Return a text in the colour of a status."""
    colour = _COLOURS.get(status)
    return f"\x1b[{colour}m{text}\x1b[0m" if colour else text


def harmless(text: str, *, keep_lines: bool = False) -> str:
    """Return a text whose control characters are spelled out: they could steer a terminal."""
    return text.translate(_BUT_LINES if keep_lines else _ESCAPES)


def columns(text: str) -> int:
    """Return how many columns a text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(letter) for letter in text)


def cut(text: str, most: int) -> str:
    """Return a text that takes no more columns than ``most``, with … where it goes on."""
    if columns(text) <= most:
        return text
    taken, room = "", most - 1
    for letter in text:
        room -= _columns(letter)
        if room < 0:
            break
        taken += letter
    return f"{taken}…"


def complain(words: object) -> None:
    """Say something beside the result, on stderr."""
    text = harmless(str(words), keep_lines=True)
    print(f"studio: {text[:_LONGEST_COMPLAINT]}", file=sys.stderr)


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
