"""What can be shown of a file, by what it is named and by what is in it.

Whatever it is, there is an answer: a preview, or a sentence that says why there is none. A file is read
to a bounded length only.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.safestring import mark_safe

from runs import folding, markdown, notebooks
from runs.queries import parquet
from runs.stores import apart, blobs, parquet_worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runs.models import Run

TEXT_BYTES = 128 * 1024
_WHOLE_BYTES = 4 * 1024 * 1024
ROWS = 1_000
_COLUMNS = 100
_LONGEST_CELL = 300

_IMAGES = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".webp": (b"RIFF",),
}
_AUDIO = (".wav", ".mp3", ".ogg", ".oga", ".flac", ".m4a")
_SENTENCES = {
    ".zip": "An archive is not opened here.",
    ".gz": "A compressed file is not opened here.",
    ".npy": "An array of NumPy is not read here; numpy.load does it.",
    ".npz": "Arrays of NumPy are not read here; numpy.load does it.",
    ".pkl": "A pickle is a program, and is never opened here.",
    ".pt": "A model of PyTorch is a program, and is never opened here.",
    ".pth": "A model of PyTorch is a program, and is never opened here.",
}


class Kept(Protocol):
    """A file whose content is stored."""

    @property
    def path(self) -> str:
        """Where it lies."""

    @property
    def sha256(self) -> str:
        """What its content is known by."""

    @property
    def size(self) -> int:
        """How many bytes it has."""


def of_file(run: Run, file: Kept, *, as_text: bool = False) -> dict[str, Any]:
    """Return what can be shown: its ``kind``, and what that needs. ``as_text``: no more than its text."""
    if not file.size:
        return _none("This file is empty.", title="Nothing in it")
    ending = _ending(file.path)
    path = blobs.path_of(run.workspace_id, file.sha256)
    try:
        with path.open("rb") as stream:
            data = stream.read(_WHOLE_BYTES if ending in _READERS else TEXT_BYTES)
    except FileNotFoundError:
        return _none("Its bytes are gone from the studio’s storage.", title="This file is lost")
    if ending in _IMAGES and data.startswith(_IMAGES[ending]):
        return {"kind": "image"}
    if ending in _AUDIO and b"\0" in data:
        return {"kind": "audio"}
    if ending == ".pdf" and data.startswith(b"%PDF-"):
        return {"kind": "pdf"}
    if ending == ".parquet" and data.startswith(b"PAR1"):
        return _parquet(path)
    if ending in _SENTENCES:
        return _none(_SENTENCES[ending])
    text = _text(data)
    if text is None:
        named = ending in (*_IMAGES, *_READERS, ".parquet", ".pdf")
        return _none(f"It is named {ending}, and is something else." if named else "It is no text.")
    is_whole = len(data) == file.size
    if ending in _READERS and not as_text:
        found = _READERS[ending](text, is_whole)
        if found is not None:
            return {**found, "has_text": True}
    return {"kind": "text", "text": text[:TEXT_BYTES], "is_cut": file.size > TEXT_BYTES}


def _none(why: str, title: str = "No preview of this kind of file") -> dict[str, Any]:
    return {"kind": "other", "title": title, "why": why}


def _ending(path: str) -> str:
    name = path.rsplit("/", 1)[-1].lower()
    return f".{name.rpartition('.')[2]}" if "." in name else ""


def _text(data: bytes) -> str | None:
    """Return bytes as text, None when they are none; the last letter may be cut in two."""
    if b"\0" in data:
        return None
    for cut in range(min(4, len(data))):
        try:
            return data[: len(data) - cut].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
    return None


def _markdown(text: str, is_whole: bool) -> dict[str, Any] | None:
    if not is_whole or len(text) > markdown.LONGEST:
        return None
    return {"kind": "markdown", "html": mark_safe(markdown.render(text))}  # noqa: S308 (it is made safe there)


def _json(text: str, is_whole: bool) -> dict[str, Any] | None:
    if not is_whole:
        return None
    try:
        return {"kind": "json", "html": folding.folded(json.loads(text))}
    except (ValueError, RecursionError, folding.TooLargeError):
        return None


def _notebook(text: str, is_whole: bool) -> dict[str, Any] | None:
    if not is_whole:
        return None
    try:
        return {"kind": "notebook", "cells": notebooks.cells(json.loads(text))}
    except (ValueError, RecursionError):
        return None


def _table(text: str, is_whole: bool, *, divided_by: str = "") -> dict[str, Any] | None:
    begin = text.split("\n", 1)[0]
    divider = divided_by or max(",;\t", key=begin.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider)
    rows: list[list[str]] = []
    widest = 0
    try:
        for row in reader:
            widest = max(widest, len(row))
            rows.append([_cell(cell) for cell in row[:_COLUMNS]])
            if len(rows) > ROWS + 1:
                break
    except csv.Error:
        return None
    if not is_whole and len(rows) <= ROWS + 1:
        # The last one may be cut in two.
        rows.pop()
    head, *body = rows or [[]]
    shown = body[:ROWS]
    return {
        "kind": "table",
        "head": head,
        "rows": shown,
        "is_cut": len(shown) < len(body) or not is_whole,
        "columns_left": max(0, widest - _COLUMNS),
    }


def _tabbed(text: str, is_whole: bool) -> dict[str, Any] | None:
    return _table(text, is_whole, divided_by="\t")


def _parquet(path: Path) -> dict[str, Any]:
    """Return the beginning of a table, with the types of its columns; or why there is none."""
    if not parquet.is_installed():
        return _none(
            "Parquet is read by the extra [parquet], which this studio does not have: whoever runs "
            'it adds it by pip install "run-studio[parquet]".'
        )
    try:
        found = parquet_worker.begin(path, rows=ROWS, columns=_COLUMNS, longest=_LONGEST_CELL)
    except parquet_worker.BadParquetError:
        return _none("It is named .parquet and is none, or it is damaged.")
    except parquet_worker.BusyError:
        return _none("Too many such files are being read just now: load the page again.")
    except apart.TooMuchError:
        return _none("It takes more memory or time to read its beginning than a preview may take.")
    left = found["column_count"] - len(found["head"])
    is_cut = len(found["rows"]) < found["row_count"]
    return {"kind": "table", **found, "is_cut": is_cut, "columns_left": left}


def _cell(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else f"{text[:_LONGEST_CELL]}…"


_READERS: dict[str, Callable[[str, bool], dict[str, Any] | None]] = {
    ".md": _markdown,
    ".json": _json,
    ".ipynb": _notebook,
    ".csv": _table,
    ".tsv": _tabbed,
}
