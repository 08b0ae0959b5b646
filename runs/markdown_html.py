"""HTML inside Markdown: a few marks that texts of other places bring along; nothing of it is passed on.

Every known tag becomes a mark of Markdown or nothing; its text stays. What is not known is shown as
it was written: ``<unk>`` is a word of somebody's vocabulary.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from markdown_it.token import Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Reading tags takes time by the square of how many are begun.
MOST = 500

_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>"']|"[^"<>]*"|'[^'<>]*'){0,2000}+)>""")
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SPACES = re.compile(r"\s+")
_MARKS = {
    **{name: name for name in ("strong", "em", "s", "kbd", "sub", "sup")},
    "b": "strong",
    "i": "em",
    "del": "s",
}
# Their text stays, they do not.
_DROPPED = set(
    "p div span center font picture source u small details summary table thead tbody tr td th ul ol li "
    "h1 h2 h3 h4 h5 h6 blockquote video".split()
)


def without_html(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield what a reader of Markdown has read, with no HTML in it."""
    for token in tokens:
        if token.type == "html_block":
            yield from _paragraph(token)
            continue
        if token.type == "inline" and token.children:
            token.children = [part for child in token.children for part in _inline(child)]
        yield token


def _inline(token: Token) -> list[Token]:
    return list(_parts(token.content)) if token.type == "html_inline" else [token]


def _paragraph(block: Token) -> Iterator[Token]:
    parts = list(_parts(_SPACES.sub(" ", _without_comments(block.content)).strip()))
    while parts and _is_gap(parts[0]):
        parts.pop(0)
    while parts and _is_gap(parts[-1]):
        parts.pop()
    if any(part.type == "image" or part.content.strip() for part in parts):
        yield Token("paragraph_open", "p", 1, block=True)
        yield Token("inline", "", 0, children=parts, block=True)
        yield Token("paragraph_close", "p", -1, block=True)


def _without_comments(raw: str) -> str:
    kept, end = [], 0
    while (start := raw.find("<!--", end)) >= 0 and (stop := raw.find("-->", start + 4)) >= 0:
        kept.append(raw[end:start])
        end = stop + 3
    return "".join(kept) + raw[end:]


def _is_gap(part: Token) -> bool:
    return part.type == "hardbreak" or (part.type == "text" and part.content.isspace())


def _parts(raw: str) -> Iterator[Token]:
    raw, end = _without_comments(raw), 0
    for found in _TAG.finditer(raw):
        if found.start() > end:
            yield _text(raw[end : found.start()])
        yield from _mark(found)
        end = found.end()
    if raw[end:]:
        yield _text(raw[end:])


def _mark(found: re.Match[str]) -> Iterator[Token]:
    name = found[2].lower()
    if name == "br":
        yield Token("hardbreak", "br", 0)
    elif name in _MARKS:
        tag = _MARKS[name]
        yield Token(f"{tag}_close", tag, -1) if found[1] else Token(f"{tag}_open", tag, 1)
    elif name == "a":
        yield from _link(found)
    elif name == "img" and not found[1]:
        yield from _image(found)
    elif name not in _DROPPED:
        yield _text(found[0])


def _link(found: re.Match[str]) -> Iterator[Token]:
    address = _attributes(found).get("href", "")
    if found[1]:
        yield Token("link_close", "a", -1)
    elif address:
        yield Token("link_open", "a", 1, attrs={"href": address})


def _image(found: re.Match[str]) -> Iterator[Token]:
    told = _attributes(found)
    said = told.get("alt", "")
    if address := told.get("src"):
        attrs: dict[str, str | int | float] = {"src": address, "alt": said}
        yield Token("image", "img", 0, attrs=attrs, content=said, children=[_text(said)])


def _attributes(found: re.Match[str]) -> dict[str, str]:
    return {
        match[1].lower(): html.unescape(match[2] or match[3] or match[4] or "")
        for match in _ATTRIBUTE.finditer(found[3])
    }


def _text(said: str) -> Token:
    return Token("text", "", 0, content=html.unescape(said))
