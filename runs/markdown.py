"""Markdown of people to HTML that can do nothing: the only module that knows markdown_it and nh3.

Two gates, one behind the other: the reader takes no HTML at all, and whatever it makes passes an
allow-list. Nobody's text gets a script, a style, a form, a foreign image, or an id of our pages.
"""

from __future__ import annotations

import functools
import html
import itertools
import re
from typing import TYPE_CHECKING

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import lex
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String

from studio.contract import limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from markdown_it.rules_core import StateCore
    from markdown_it.utils import EnvType, OptionsDict

LONGEST = limits.DESCRIPTION
_DEEPEST = 20
_MOST_CELLS = 12_000
_MOST_LINES = 5_000
_LONGEST_CODE = 10_000
_LONGEST_LINE = 300
_LONGEST_SLUG = 80
# Wide tables and long lines scroll inside themselves, and what scrolls can be reached by a key.
_WIDE = '<div class="wide" tabindex="0">'

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_SCHEME = re.compile(r"[^/?#]*?:")
_SCHEMES = {"http", "https", "mailto"}
_NOT_IN_AN_ADDRESS = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_NOT_IN_A_SLUG = re.compile(r"[^\w\- ]")
_TASK = re.compile(r"\[([ xX])\] ")
_TASK_SIGNS = {" ": "\N{BALLOT BOX} ", "x": "\N{BALLOT BOX WITH CHECK} "}

_TAGS = set(
    "p br hr h1 h2 h3 h4 h5 h6 strong em s code pre blockquote ul ol li "
    "table thead tbody tr th td a img span div".split()
)
_REL = "nofollow ugc noopener noreferrer"
_ANYTHING = re.compile(".*", re.DOTALL)
_HEADING = {"id": re.compile(r"h-[\w-]{1,90}")}
_ALIGNED = {"align": re.compile("left|right|center")}
_SCROLLED = {"tabindex": re.compile("0")}
# What an attribute of a tag may say; all else is taken away. Addresses are looked at besides.
_ATTRIBUTES: dict[str, dict[str, re.Pattern[str]]] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _HEADING),
    **dict.fromkeys(("th", "td"), _ALIGNED),
    "a": {"href": _ANYTHING, "title": _ANYTHING, "rel": re.compile(_REL)},
    "img": {"src": _ANYTHING, "alt": _ANYTHING, "title": _ANYTHING},
    "ol": {"start": re.compile("[0-9]{1,9}")},
    "code": {"class": re.compile(r"language-[\w+.-]{1,32}")},
    "span": {"class": re.compile("tok-[a-z]{1,10}")},
    "div": {"class": re.compile("wide"), **_SCROLLED},
    "pre": _SCROLLED,
}

# Languages whose readers take time in proportion to the text; of the others some do not.
_LANGUAGES = {
    "python": "python",
    "py": "python",
    "console": "console",
    "sh": "bash",
    "bash": "bash",
    "json": "json",
    "yaml": "yaml",
    "toml": "toml",
    "ini": "ini",
    "sql": "sql",
    "diff": "diff",
}
# The look of a token: the first kind that holds it.
_LOOKS = (
    (Comment, "comment"),
    (String, "string"),
    (Number, "number"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (Name.Builtin, "builtin"),
    (Name.Function, "name"),
    (Name.Class, "name"),
    (Name.Decorator, "name"),
    (Name.Tag, "name"),
    (Name.Attribute, "name"),
    (Generic.Prompt, "prompt"),
    (Generic.Output, "output"),
    (Generic.Inserted, "inserted"),
    (Generic.Deleted, "deleted"),
)


def render(text: str) -> str:
    """Return the HTML of a text in Markdown (CommonMark with tables, ~~strikethrough~~ and tasks).

    Headings have ids that begin with ``h-``. A text of more than 65,536 characters or 5,000
    lines, or with a table beyond reason, is shown as it was written.
    """
    text = text.encode("utf-8", "replace").decode()
    text = _CONTROLS.sub(
        "\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n")
    )
    if len(text) > LONGEST or text.count("|") > _MOST_CELLS or text.count("\n") > _MOST_LINES:
        return f'<pre tabindex="0">{html.escape(text)}</pre>'
    return _clean(_reader().render(text))


def _clean(drawn: str) -> str:
    return nh3.clean(
        drawn,
        tags=_TAGS,
        # nh3 writes every "rel" itself.
        attributes={tag: {*allowed} - {"rel"} for tag, allowed in _ATTRIBUTES.items()},
        attribute_filter=_allowed,
        url_schemes=_SCHEMES,
        link_rel=_REL,
        strip_comments=True,
    )


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    pattern = _ATTRIBUTES.get(tag, {}).get(attribute)
    if pattern is None or not pattern.fullmatch(value):
        return None
    if (attribute == "href" and not _leads_somewhere(value)) or (
        attribute == "src" and not _is_own(value)
    ):
        return None
    return value


def _leads_somewhere(address: str) -> bool:
    """Whether an address may be a link: of the web or mail, or a path of this studio."""
    scheme = _SCHEME.match(address)
    if scheme is not None:
        return scheme[0][:-1].lower() in _SCHEMES
    return _is_own(address)


def _is_own(address: str) -> bool:
    """Whether an address is a path of this studio: a picture from elsewhere tells who looked at it."""
    return not (
        _SCHEME.match(address) or address.startswith("//") or _NOT_IN_AN_ADDRESS.search(address)
    )


@functools.cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt(
        "commonmark", {"html": False, "maxNesting": _DEEPEST, "highlight": _coloured}
    )
    reader.enable(["table", "strikethrough"])
    reader.validateLink = _leads_somewhere  # type: ignore[assignment]
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
    slugs = _Slugs()
    pairs = zip([None, None, *state.tokens], [None, *state.tokens], state.tokens, strict=False)
    for outer, before, token in pairs:
        if token.type == "inline" and token.children:
            if before is not None and before.type == "heading_open":
                before.attrSet("id", f"h-{slugs.of(token.children)}")
            elif outer is not None and outer.type == "list_item_open":
                _draw_task(token.children[0])
            token.children = list(_inline(token.children))
        elif token.type in ("th_open", "td_open") and "style" in token.attrs:
            token.attrSet("align", str(token.attrs.pop("style")).removeprefix("text-align:"))


def _draw_task(text: Token) -> None:
    task = _TASK.match(text.content)
    if task is not None:
        text.content = _TASK_SIGNS[task[1].lower()] + text.content[task.end() :]


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


def _inline(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the parts of a line, with pictures from elsewhere as links and #places as ours."""
    links = 0
    for token in tokens:
        links += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "link_open":
            address = str(token.attrs.get("href", ""))
            if address.startswith("#") and not address.startswith("#h-"):
                token.attrSet("href", f"#h-{address[1:]}")
        if token.type == "image" and not _is_own(str(token.attrs.get("src", ""))):
            yield from _as_link(token, is_inside=links > 0)
        else:
            yield token


def _as_link(image: Token, *, is_inside: bool) -> Iterator[Token]:
    address = str(image.attrs.get("src", ""))
    text = Token("text", "", 0, content=image.content or address)
    if is_inside:
        yield text
        return
    yield Token("link_open", "a", 1, attrs={"href": address})
    yield text
    yield Token("link_close", "a", -1)


def _coloured(code: str, language: str, _: str) -> str:
    """Return a block of code with its tokens marked, where its language is named and known."""
    known = _LANGUAGES.get(language.lower())
    inside = html.escape(code)
    if known is not None and _is_short(code):
        inside = "".join(_tokens(code, known))
    named = f' class="language-{html.escape(language)}"' if language else ""
    return f'<pre tabindex="0"><code{named}>{inside}</code></pre>'


def _is_short(code: str) -> bool:
    # What takes time by the square of the length does so within a line.
    return len(code) <= _LONGEST_CODE and all(
        len(line) <= _LONGEST_LINE for line in code.splitlines()
    )


def _tokens(code: str, language: str) -> Iterator[str]:
    looks = ((_look(kind), text) for kind, text in lex(code, _lexer(language)))
    for look, same in itertools.groupby(looks, key=lambda pair: pair[0]):
        inside = html.escape("".join(text for _, text in same))
        yield f'<span class="tok-{look}">{inside}</span>' if look else inside


def _look(kind: Any) -> str:
    return next((look for family, look in _LOOKS if kind in family), "")


@functools.cache
def _lexer(language: str) -> Any:
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)
