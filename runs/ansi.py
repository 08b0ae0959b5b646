"""Bytes of a log to safe HTML: escaped text, colours as classes, progress bars as they ended."""

from __future__ import annotations

import re
from html import escape

# Colours and styles; every other sequence of a terminal is dropped.
_SGR = re.compile(r"\x1b\[([0-9;:]*)m")
_SEQUENCES = (
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)"
    r"|\x1b[@-Z\\-_]"
)
_OTHER = re.compile(_SEQUENCES + r"|[\x00-\x08\x0b-\x1f\x7f]")
_IN_BYTES = re.compile(_SEQUENCES.encode() + rb"|\x1b")
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_STYLES = {1: "bold", 2: "dim", 3: "italic", 4: "underline"}
# A line longer than this would stop a browser; the download has all of it.
_LONGEST = 10_000
_CUT = '<span class="log-cut">… line cut here, download it to see all</span>'


def line_to_html(line: bytes) -> str:
    """Return one line of a log, without its end, as HTML.

    A carriage return begins the line again, as in a terminal, so only the last state is shown.
    """
    text = _last_state(line)
    parts = _SGR.split(text[:_LONGEST])
    out = _text(parts[0])
    looks: dict[str, str] = {}
    for codes, part in zip(parts[1::2], parts[2::2], strict=True):
        _apply(codes, looks)
        if part:
            names = " ".join(looks.values())
            out += f'<span class="{names}">{_text(part)}</span>' if names else _text(part)
    return out + _CUT if len(text) > _LONGEST else out


def shown_text(line: bytes) -> str:
    """Return what is to be read in the HTML of a line."""
    return _OTHER.sub("", _SGR.sub("", _last_state(line)[:_LONGEST]))


def without_sequences(data: bytes) -> bytes:
    """Return lines without what only a terminal understands; ends of lines and of states stay."""
    return _IN_BYTES.sub(b"", data)


def _last_state(line: bytes) -> str:
    # Of a long bar only the end is of interest, and no more than that is decoded.
    return line.rstrip(b"\r").rpartition(b"\r")[2].decode("utf-8", "replace")


def _text(part: str) -> str:
    return escape(_OTHER.sub("", part))


def _apply(codes: str, looks: dict[str, str]) -> None:
    numbers = [int(code) if code.isdigit() and len(code) < 4 else 0 for code in _split(codes)]
    while numbers:
        number = numbers.pop(0)
        if number == 0:
            looks.clear()
        elif number in _STYLES:
            looks[f"style {number}"] = f"ansi-{_STYLES[number]}"
        elif number in (22, 23, 24):
            for gone in {22: (1, 2), 23: (3,), 24: (4,)}[number]:
                looks.pop(f"style {gone}", None)
        elif number in (38, 48):
            _set(looks, number - 8, _nearest(numbers))
        elif number in (39, 49):
            _set(looks, number - 9, None)
        elif number // 10 in (3, 4, 9, 10) and number % 10 < 8:
            _set(looks, 30 if number // 10 in (3, 9) else 40, number % 10)


def _split(codes: str) -> list[str]:
    return codes.replace(":", ";").split(";")


def _set(looks: dict[str, str], layer: int, colour: int | None) -> None:
    kind = "colour" if layer == 30 else "ground"
    if colour is None:
        looks.pop(kind, None)
    else:
        looks[kind] = f"ansi-{'on-' if kind == 'ground' else ''}{_NAMES[colour]}"


def _nearest(numbers: list[int]) -> int | None:
    """Take an exact colour off the front, and return the one of the eight that is like it.

    Like it, and not it: the eight can be read on a light page and on a dark one.
    """
    kind = numbers.pop(0) if numbers else 0
    if kind == 5 and numbers:
        number = numbers.pop(0)
        if number < 16:
            return number % 8
        if number > 231:
            return 7 if number > 243 else 0
        number -= 16
        return _of_light(number // 36 * 51, number // 6 % 6 * 51, number % 6 * 51)
    if kind == 2 and len(numbers) > 2:
        return _of_light(numbers.pop(0), numbers.pop(0), numbers.pop(0))
    return None


def _of_light(red: int, green: int, blue: int) -> int:
    most, least = max(red, green, blue), min(red, green, blue)
    if most - least < 40:
        return 7 if most > 127 else 0
    middle = (most + least) / 2
    return (red > middle) + 2 * (green > middle) + 4 * (blue > middle)
