"""Markdown of people to HTML that can do nothing: the only module that knows markdown_it.

Two gates, one behind the other: no HTML of a text is passed on, and whatever is made of it passes an
allow-list. Nobody's text gets a script, a style, a form, a foreign image, or an id of our pages.
"""

from __future__ import annotations

import functools
import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from runs import code_colours
from runs.allowed_html import TO_HERE, clean, is_own, leads_somewhere
from runs.markdown_html import MOST, without_html
from studio.contract import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from markdown_it.rules_core import StateCore
    from markdown_it.utils import EnvType, OptionsDict

# Raise it when the same text is drawn otherwise: what is stored is then drawn again.
VERSION = 3
LONGEST = limits.DESCRIPTION
_DEEPEST = 20
_MOST_BARS = 12_000
_MOST_BRACKETS = 10_000
# A short row of a table is filled up to the width of its head.
_MOST_CELLS = 40_000
_MOST_NAMED_RUNS = 200
_MOST_LINES = 5_000
_LONGEST_SLUG = 80
# Wide tables and long lines scroll inside themselves, and what scrolls can be reached by a key.
_WIDE = '<div class="wide" tabindex="0">'

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_NOT_IN_A_SLUG = re.compile(r"[^\w\- ]")
_NAMED_RUN = re.compile(rf"(?<![\w&/#.-])#({limits.RUN_ID_PATTERN})")
# What ends a sentence or closes a bracket behind an address is none of it.
_ADDRESS = re.compile(r"(?<![\w/])https?://\w[^\s<>\"`]{0,2000}")
_BEHIND_AN_ADDRESS = ".,;:!?'*_~)]}"
_TASK = re.compile(r"\[([ xX])\] ")
_TASK_SIGNS = {" ": "\N{BALLOT BOX} ", "x": "\N{BALLOT BOX WITH CHECK} "}


@dataclass(frozen=True, slots=True)
class Near:
    """What a text may name without its address: files beside it by their path, runs by #id.

    ``page`` and ``picture`` return the address of a file, to be looked at and to be shown;
    ``runs`` are the addresses of those runs that may be named.
    """

    page: Callable[[str], str]
    picture: Callable[[str], str]
    runs: Mapping[str, str]


def render(text: str, near: Near | None = None) -> str:
    """Return the HTML of a text in Markdown: CommonMark, tables, strikethrough, tasks, bare addresses.

    Headings have ids that begin with ``h-``. A text of more than 65,536 characters or 5,000
    lines, or with brackets or a table beyond reason, is shown as it was written.
    """
    text = text.encode("utf-8", "replace").decode()
    text = _CONTROLS.sub(
        "\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n")
    )
    if len(text) > LONGEST or _is_beyond_reason(text):
        return f'<pre tabindex="0">{html.escape(text)}</pre>'
    reader = _reader(text.count("<") <= MOST)
    return clean(reader.render(text, {"near": near}))


def named_runs(text: str) -> set[str]:
    """Return the ids that a text may mean when it says #id, at most 200 of them."""
    found: set[str] = set()
    for match in _NAMED_RUN.finditer(text):
        found |= {match[1], match[1].rstrip(".-_")}
        if len(found) >= _MOST_NAMED_RUNS:
            break
    return found


def _is_beyond_reason(text: str) -> bool:
    most = {"|": _MOST_BARS, "[": _MOST_BRACKETS, "\n": _MOST_LINES}
    if any(text.count(letter) > count for letter, count in most.items()):
        return True
    cells = lines = width = 0
    for line in text.split("\n"):
        if line and not line.isspace():
            lines, width = lines + 1, max(width, line.count("|"))
        else:
            cells, lines, width = cells + lines * width, 0, 0
    return cells + lines * width > _MOST_CELLS


@functools.cache
def _reader(with_html: bool) -> MarkdownIt:
    reader = MarkdownIt(
        "commonmark", {"html": with_html, "maxNesting": _DEEPEST, "highlight": code_colours.block}
    )
    reader.enable(["table", "strikethrough"])
    reader.validateLink = leads_somewhere  # type: ignore[assignment]
    reader.core.ruler.push("ours", _finish)
    reader.add_render_rule("table_open", _open_table)
    reader.add_render_rule("table_close", _close_table)
    reader.add_render_rule("code_block", _code_block)
    return reader


def _open_table(*_: object) -> str:
    return f"{_WIDE}<table>\n"


def _close_table(*_: object) -> str:
    return "</table></div>\n"


def _code_block(
    self: object, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType
) -> str:
    return f'<pre tabindex="0"><code>{html.escape(tokens[place].content)}</code></pre>\n'


def _finish(state: StateCore) -> None:
    """Change what was read, where we want it otherwise than the reader."""
    state.tokens = list(without_html(state.tokens))
    slugs, inline = _Slugs(), _Inline(state.env.get("near"))
    pairs = zip([None, None, *state.tokens], [None, *state.tokens], state.tokens, strict=False)
    for outer, before, token in pairs:
        if token.type == "inline" and token.children:
            said = token.children
            if outer is not None and outer.type == "list_item_open":
                _draw_task(outer, said[0])
            token.children = list(inline.drawn(said))
            if before is not None and before.type == "heading_open":
                before.attrSet("id", f"h-{slugs.of(said)}")
                token.children += _anchor(str(before.attrs["id"]))
        elif token.type in ("th_open", "td_open") and "style" in token.attrs:
            token.attrSet("align", str(token.attrs.pop("style")).removeprefix("text-align:"))


def _draw_task(item: Token, text: Token) -> None:
    task = _TASK.match(text.content)
    if task is not None:
        text.content = _TASK_SIGNS[task[1].lower()] + text.content[task.end() :]
        item.attrSet("class", "task")


def _anchor(place: str) -> list[Token]:
    told = {"class": "anchor", "href": f"#{place}", "aria-label": TO_HERE}
    return [Token("link_open", "a", 1, attrs=dict(told)), Token("link_close", "a", -1)]


class _Slugs:
    """Names for headings, each once, as code hosts make them: links work there and here."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def of(self, heading: Sequence[Token]) -> str:
        """Return the name of a heading."""
        said = "".join(t.content for t in heading if t.type in ("text", "code_inline", "image"))
        plain = _NOT_IN_A_SLUG.sub("", said.lower()).strip().replace(" ", "-")
        plain = plain[:_LONGEST_SLUG] or "section"
        slug = plain
        while slug in self._taken:
            self._next[plain] = self._next.get(plain, 0) + 1
            slug = f"{plain}-{self._next[plain]}"
        self._taken.add(slug)
        return slug


class _Inline:
    """The parts of lines: pictures from elsewhere become links, what is near gets its address."""

    def __init__(self, near: Near | None) -> None:
        self._near = near

    def drawn(self, tokens: Sequence[Token]) -> Iterator[Token]:
        """Yield the parts of a line as they are to be drawn."""
        links = 0
        for token in tokens:
            links += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            if token.type == "link_open":
                self._lead(token)
                yield token
            elif token.type == "image":
                yield from self._picture(token, is_inside=links > 0)
            elif token.type == "text" and not links:
                yield from self._said(token.content)
            else:
                yield token

    def _said(self, said: str) -> Iterator[Token]:
        """Yield a text with the addresses and the runs in it as links."""
        runs, end = self._near.runs if self._near else {}, 0
        for match in _ADDRESS.finditer(said):
            address = _without_what_follows(match[0])
            yield from _with_runs(said[end : match.start()], runs)
            yield from _link(address, address)
            end = match.start() + len(address)
        yield from _with_runs(said[end:], runs)

    def _lead(self, link: Token) -> None:
        address = str(link.attrs.get("href", ""))
        path = _path_beside(address)
        if address.startswith("#") and not address.startswith("#h-"):
            link.attrSet("href", f"#h-{address[1:]}")
        elif self._near is not None and path:
            link.attrSet("href", self._near.page(path))

    def _picture(self, image: Token, *, is_inside: bool) -> Iterator[Token]:
        address = str(image.attrs.get("src", ""))
        if not is_own(address):
            yield from _as_link(image, address, is_inside=is_inside)
            return
        path = _path_beside(address)
        if self._near is not None and path:
            image.attrSet("src", self._near.picture(path))
        yield image


def _path_beside(address: str) -> str:
    """Return the path of a file that stands beside the text, "" for any other address."""
    if address.startswith(("/", "#", "?")) or not is_own(address):
        return ""
    parts = unquote(re.split("[?#]", address, maxsplit=1)[0]).removeprefix("./").split("/")
    return "" if any(part in ("", ".", "..") for part in parts) else "/".join(parts)


def _without_what_follows(address: str) -> str:
    """Return an address without what ends a sentence behind it; its own brackets are in pairs."""
    while address[-1] in _BEHIND_AN_ADDRESS:
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def _with_runs(said: str, runs: Mapping[str, str]) -> Iterator[Token]:
    """Yield a text with #id as a link, where there is such a run."""
    end = 0
    for match in _NAMED_RUN.finditer(said) if runs else ():
        name = match[1] if match[1] in runs else match[1].rstrip(".-_")
        if name in runs:
            start, stop = match.start(), match.start() + 1 + len(name)
            yield _text(said[end:start])
            yield from _link(runs[name], said[start:stop])
            end = stop
    yield _text(said[end:])


def _as_link(image: Token, address: str, *, is_inside: bool) -> Iterator[Token]:
    said = image.content or address.rstrip("/").rsplit("/", 1)[-1]
    yield from [_text(said)] if is_inside else _link(address, said)


def _link(address: str, said: str) -> Iterator[Token]:
    yield Token("link_open", "a", 1, attrs={"href": address})
    yield _text(said)
    yield Token("link_close", "a", -1)


def _text(said: str) -> Token:
    return Token("text", "", 0, content=said)
