"""Bytes of a log to safe HTML: escaped text, colours as classes, progress bars as they ended."""

from __future__ import annotations

import re
from html import escape

# Colours and bold; every other sequence of a terminal is dropped.
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_OTHER = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-ln-~]"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[@-Z\\-_]"
    r"|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]"
)
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
# A line longer than this would stop a browser; the download has all of it.
_LONGEST = 10_000


def line_to_html(line: bytes) -> str:
    """Return one line of a log, without its end, as HTML.

    A carriage return begins the line again, as in a terminal, so only the last state is shown.
    """
    text = line.decode("utf-8", "replace").rstrip("\r").rsplit("\r", 1)[-1]
    cut = len(text) > _LONGEST
    parts = _SGR.split(text[:_LONGEST])
    out = _text(parts[0])
    classes: dict[str, str] = {}
    for codes, part in zip(parts[1::2], parts[2::2], strict=True):
        _apply(codes, classes)
        if part:
            names = " ".join(classes.values())
            out += f'<span class="{names}">{_text(part)}</span>' if names else _text(part)
    return (
        f'{out}<span class="log-cut">… line cut here, download it to see all</span>' if cut else out
    )


def _text(part: str) -> str:
    return escape(_OTHER.sub("", part).replace("\x1b", ""))


def _apply(codes: str, classes: dict[str, str]) -> None:
    for code in codes.split(";"):
        number = int(code) if code.isdigit() and len(code) < 4 else 0
        if number == 0:
            classes.clear()
        elif number == 1:
            classes["weight"] = "ansi-bold"
        elif number == 22:
            classes.pop("weight", None)
        elif 30 <= number <= 37 or 90 <= number <= 97:
            classes["colour"] = f"ansi-{_NAMES[number % 10]}"
        elif number in (38, 48):
            # An exact colour follows in further numbers, which mean nothing on their own.
            return
        elif number == 39:
            classes.pop("colour", None)
