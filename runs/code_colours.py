"""Code of a named language with its tokens marked: the only module that knows pygments."""

from __future__ import annotations

import functools
import html
import itertools
from typing import TYPE_CHECKING

from pygments import lex
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LONGEST_CODE = 10_000
_LONGEST_LINE = 300

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


def block(code: str, language: str, _: str = "") -> str:
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
