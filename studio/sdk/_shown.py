"""How workspaces, experiments and runs look in a notebook: a small table, all text escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def link(address: str, text: str) -> Html:
    """Return a link that opens beside the notebook."""
    return Html(f'<a href="{escape(address)}" target="_blank" rel="noopener">{escape(text)}</a>')


def table(fields: Mapping[str, object]) -> str:
    """Return a table of one row under the names of the fields."""
    heads = "".join(f"<th>{escape(name)}</th>" for name in fields)
    cells = "".join(f"<td>{_cell(value)}</td>" for value in fields.values())
    return f'<table style="width:100%"><tr>{heads}</tr><tr>{cells}</tr></table>'


def _cell(value: object) -> str:
    return value if isinstance(value, Html) else escape(str(value))
