"""Jupyter notebooks to what a page may show: nothing of them runs, and their own HTML is left out."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.safestring import mark_safe

from runs import ansi, markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.utils.safestring import SafeString

MOST_CELLS = 300
_LONGEST = 20_000
_IMAGES = ("image/png", "image/jpeg", "image/gif")


@dataclass(frozen=True, slots=True)
class Output:
    """What a cell put out: text as HTML, or the address of an image."""

    html: SafeString | None = None
    image: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: prose as HTML, or source with what it put out."""

    prose: SafeString | None = None
    source: str = ""
    number: str = ""
    outputs: list[Output] = field(default_factory=list)


def cells(notebook: Any) -> list[Cell]:
    """Return the cells of a notebook that was read from JSON. Raises ``ValueError`` for what is none."""
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError("no cells")
    return [_cell(cell) for cell in notebook["cells"][:MOST_CELLS] if isinstance(cell, dict)]


def _cell(cell: dict[str, Any]) -> Cell:
    source = _text(cell.get("source"))
    if cell.get("cell_type") == "markdown":
        return Cell(prose=mark_safe(markdown.render(source[: markdown.LONGEST])))  # noqa: S308 (it is made safe there)
    count = cell.get("execution_count")
    number = str(count) if isinstance(count, int) else ""
    outputs = cell.get("outputs") if isinstance(cell.get("outputs"), list) else []
    return Cell(source=source, number=number, outputs=list(_outputs(outputs or [])))


def _outputs(outputs: list[Any]) -> Iterator[Output]:
    for output in outputs:
        if not isinstance(output, dict):
            continue
        data = output.get("data") if isinstance(output.get("data"), dict) else {}
        image = _image(data or {})
        if image:
            yield Output(image=image)
            continue
        trace = output.get("traceback")
        text = _text((data or {}).get("text/plain") or output.get("text"))
        if isinstance(trace, list):
            text = "\n".join(map(str, trace))
        if text:
            yield Output(html=_drawn(text))


def _drawn(text: str) -> SafeString:
    lines = (ansi.line_to_html(line.encode(errors="replace")) for line in text.split("\n"))
    return mark_safe("\n".join(lines))  # noqa: S308 (each is escaped there)


def _image(data: dict[str, Any]) -> str:
    for kind in _IMAGES:
        try:
            content = base64.b64decode("".join(_text(data.get(kind)).split()), validate=True)
        except binascii.Error:
            continue
        if content:
            return f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return ""


def _text(value: Any) -> str:
    """Return a text of a notebook, which may be a list of its lines."""
    text = "".join(map(str, value)) if isinstance(value, list) else value
    return text if isinstance(text, str) and len(text) <= _LONGEST * 500 else ""
