"""Code of a named language with its tokens marked: the only module that knows pygments."""

from __future__ import annotations

import functools
import html
import itertools
import re
import time
from typing import TYPE_CHECKING

from pygments import lex
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LONGEST_CODE = 10_000
_LONGEST_LINE = 300
_LONGEST_SOURCE_LINE = 1_000
# Of processor time: an honest file of 128 kB takes a third of it.
_SECONDS = 0.75
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")

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
_ENDINGS = {
    **dict.fromkeys(("py", "pyi"), "python"),
    **dict.fromkeys(("sh", "bash", "slurm", "sbatch"), "bash"),
    **dict.fromkeys(("json", "ipynb"), "json"),
    **dict.fromkeys(("yaml", "yml", "runconfig", "amlcompute"), "yaml"),
    **dict.fromkeys(("ini", "cfg"), "ini"),
    **dict.fromkeys(("diff", "patch"), "diff"),
    "toml": "toml",
    "sql": "sql",
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


def lines(code: str, path: str) -> list[str]:
    """Return the lines of a file as HTML, with their tokens marked where its ending is known.

    A file with a line beyond reason is plain, and so is the rest of one when its time is over. Signs
    that turn the direction of a text, and so hide what it does, are spelled out.
    """
    known = _ENDINGS.get(path.rsplit(".", 1)[-1].lower()) if "." in path else None
    longest = max(map(len, code.split("\n")))
    if known is None or longest > _LONGEST_SOURCE_LINE:
        return [_visible(line) for line in code.split("\n")]
    found = [""]
    for look, text in _timed(code, known):
        first, *rest = text.split("\n")
        found[-1] += _marked(look, first)
        found += [_marked(look, line) for line in rest]
    return found


def _timed(code: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield the tokens of a code with their looks; when the time is over, all that is left as one."""
    end, place = time.thread_time() + _SECONDS, 0
    for kind, text in lex(code, _lexer(language)):
        yield _look(kind), text
        place += len(text)
        if time.thread_time() > end:
            yield "", code[place:]
            return


def _marked(look: str, text: str) -> str:
    return f'<span class="tok-{look}">{_visible(text)}</span>' if look and text else _visible(text)


def _visible(text: str) -> str:
    return _TURNING.sub(
        lambda found: f'<span class="tok-hidden">U+{ord(found[0]):04X}</span>', html.escape(text)
    )


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
