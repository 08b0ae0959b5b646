"""MLflow's filters and orders: text to comparisons. What an entity means is said elsewhere.

Comparisons joined by AND, and nothing else: no OR, no brackets.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import lark

_GRAMMAR = r"""
start: (comparison (_AND comparison)*)?
comparison: KEY OPERATOR (STRING | BARE)         -> compared
    | KEY (IN | NOT_IN) "(" [entry ("," entry)*] ")"  -> listed
    | KEY (IS_NULL | IS_NOT_NULL)                 -> present
?entry: STRING | BARE

_AND.5: /AND(?![^\s])/i
IS_NOT_NULL.4: /IS\s+NOT\s+NULL(?![^\s])/i
IS_NULL.3: /IS\s+NULL(?![^\s])/i
NOT_IN.3: /NOT\s+IN(?![^\s(])/i
IN.3: /IN(?![^\s(])/i
OPERATOR.3: />=|<=|!=|=|>|<|I?LIKE(?![^\s'"])/i
STRING.2: /'[^']*'|"[^"]*"/
KEY: /(?:[A-Za-z_]+\.)?(?:`[^`]*`|"[^"]*"|[^\s=!<>`"'(),]+)/
BARE: /[^\s=!<>`"'(),;]+/

%ignore /\s+/
"""
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ORDER = re.compile(r"\s*(.*?)(?:\s+(\S+))?\s*", re.S)
LONGEST = 20_000


class Unreadable(Exception):  # noqa: N818 (it is an answer, not a failure of ours)
    """A filter or an order that cannot be read; the text says why in MLflow's words."""


@dataclass(frozen=True, slots=True)
class Compared:
    """``entity.key operator value``; the entity is "" where none is said.

    ``text`` is a quoted value, ``number`` a bare one that is a number, ``texts`` a list; ``raw`` is the
    value as it was written.
    """

    entity: str
    key: str
    operator: str
    raw: str = ""
    text: str | None = None
    number: float | None = None
    texts: tuple[str, ...] = ()


def parse(text: str) -> tuple[Compared, ...]:
    """Return the comparisons that must all hold.

    Raises:
        Unreadable: it is no list of comparisons joined by AND, or too long.
    """
    if len(text) > LONGEST:
        raise Unreadable(f"A filter string has {LONGEST} characters at most.")
    try:
        found: tuple[Compared, ...] = _parser().parse(text)  # type: ignore[assignment]
    except lark.UnexpectedInput as error:
        is_end = isinstance(error, lark.UnexpectedToken) and error.token.type == "$END"
        rest = text if is_end else text[error.pos_in_stream or 0 :]
        raise Unreadable(f"Invalid clause(s) in filter string: '{rest[:200]}'") from None
    return found


def parse_order(text: str) -> tuple[str, str, bool]:
    """Return the entity and key to sort by, and whether descending."""
    match = _ORDER.fullmatch(text)
    name, way = (match[1], match[2] or "") if match else ("", "")
    if way.upper() not in ("", "ASC", "DESC"):
        name, way = text.strip(), ""
    entity, key = _split(name)
    is_quoted = name.endswith(("`", '"'))
    if not key or (not is_quoted and re.search(r"\s", key)):
        raise Unreadable(f"Invalid ordering key in order_by clause '{text[:200]}'.")
    return entity, key, way.upper() == "DESC"


@functools.cache
def _parser() -> lark.Lark:
    return lark.Lark(_GRAMMAR, parser="lalr", transformer=_Builder())


@lark.v_args(inline=True)
class _Builder(lark.Transformer[lark.Token, "tuple[Compared, ...]"]):
    """Makes comparisons of what the grammar has found."""

    def start(self, *found: Compared) -> tuple[Compared, ...]:
        return found

    def compared(self, key: lark.Token, operator: lark.Token, value: lark.Token) -> Compared:
        raw = str(value)
        text = raw[1:-1] if value.type == "STRING" else None
        is_number = text is None and _NUMBER.fullmatch(raw)
        number = float(raw) if is_number else None
        return Compared(*_split(key), str(operator).upper(), raw, text, number)

    def listed(self, key: lark.Token, operator: lark.Token, *values: lark.Token | None) -> Compared:
        words = [value for value in values if value is not None]
        if not words or any(word.type != "STRING" for word in words):
            raw = ", ".join(words)
            reason = (
                "While parsing a list in the query, expected a non-empty list of string values,"
            )
            raise Unreadable(f"{reason} but got {raw or 'empty list'}")
        texts = tuple(word[1:-1] for word in words)
        return Compared(*_split(key), " ".join(operator.upper().split()), texts=texts)

    def present(self, key: lark.Token, operator: lark.Token) -> Compared:
        return Compared(*_split(key), " ".join(operator.upper().split()))


def _split(name: str) -> tuple[str, str]:
    """Return the entity and the key of an identifier; a quoted one has no quotes any more."""
    entity, dot, key = "", "", name
    if name[:1] not in ("`", '"'):
        entity, dot, key = name.partition(".")
    if not dot:
        entity, key = "", name
    if len(key) > 1 and key[0] == key[-1] and key[0] in '`"':
        key = key[1:-1]
    return entity, key
