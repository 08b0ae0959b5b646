"""JSON to safe HTML that folds: objects and lists open and close without a script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html, format_html_join

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.safestring import SafeString

_MOST_PLACES = 5_000
_DEEPEST = 60
_LONGEST_TEXT = 2_000
# What is smaller than this is shown open.
_OPEN = 30


class TooLargeError(Exception):
    """More is in it than can be shown so."""


def folded(value: Any) -> SafeString:
    """Return a value of JSON as HTML. Raises ``TooLargeError`` for one that is too large or too deep."""
    return _Folder().value(value, 0)


class _Folder:
    def __init__(self) -> None:
        self._places = 0

    def value(self, value: Any, depth: int) -> SafeString:
        self._places += 1
        if self._places > _MOST_PLACES or depth > _DEEPEST:
            raise TooLargeError
        if isinstance(value, dict):
            pairs = ((json.dumps(key, ensure_ascii=False), inner) for key, inner in value.items())
            return self._group(pairs, "{", "}", len(value), depth)
        if isinstance(value, list):
            return self._group(enumerate(value), "[", "]", len(value), depth)
        kind = "text" if isinstance(value, str) else "word"
        text = json.dumps(value, ensure_ascii=False)
        shown = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
        return format_html('<span class="json-{}">{}</span>', kind, shown)

    def _group(
        self, pairs: Iterable[tuple[Any, Any]], begin: str, end: str, count: int, depth: int
    ) -> SafeString:
        if not count:
            return format_html("{}{}", begin, end)
        inner = format_html_join(
            "",
            '<li><span class="json-key">{}:</span> {}</li>',
            ((key, self.value(value, depth + 1)) for key, value in pairs),
        )
        state = " open" if depth == 0 or (count <= _OPEN and depth < 3) else ""
        return format_html(
            "<details{}><summary>{} {} {}</summary><ul>{}</ul></details>",
            state,
            begin,
            "1 item" if count == 1 else f"{count:,} items",
            end,
            inner,
        )
