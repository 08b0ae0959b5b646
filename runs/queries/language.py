"""The query language: text to tree. Whether a field exists, and what it means, is said elsewhere.

Terms that stand side by side must all hold, as with AND; OR binds weaker; NOT and ``-`` turn a term
round. The only module that knows lark.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import lark

from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.queries.tree import (
    NAME,
    VALUE,
    WORD,
    AllOf,
    AnyOf,
    Condition,
    Not,
    Span,
    Text,
    Value,
    depth,
    leaves,
)
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.queries.tree import Node

FIELD = "filter"
LONGEST = 2_000
DEEPEST = 20
MOST_CONDITIONS = 100

# White space divides terms, and nothing else: inside a condition there is none.
_GRAMMAR = rf"""
?start: some
?some: every (_OR every)*
?every: term (_AND? term)*
?term: negated | group | text | condition
negated: (MINUS | NOT) term
group: LEFT some RIGHT
text: WORD | STRING
condition: FIELD (names (OPERATOR values | NO_VALUE)? | OPERATOR values)
names: (NAME | STRING) (_COMMA (NAME | STRING))*
values: (VALUE | STRING) (_COMMA (VALUE | STRING))*

_AND.3: /AND(?![^\s()"])/
_OR.3: /OR(?![^\s()"])/
NOT.3: /NOT(?![^\s()"])/
FIELD.2: /[A-Za-z][A-Za-z_]*:(?=[^\s)])/
MINUS: /-(?=[^\s)])/
LEFT: "("
RIGHT: ")"
_COMMA: /(?<=\S),(?=[^\s),])/
OPERATOR.1: /(?<=\S)(?:!=|>=|<=|=|>|<)(?=[^\s)])/
NO_VALUE.2: /(?<=\S)!?=(?=\s|\)|$)/
WORD: /{WORD}/
NAME: /{NAME}/
VALUE: /{VALUE}/
STRING: /"(?:[^"\\]|\\[\s\S])*"\*?/

%ignore /\s+/
"""
# The first that fits is told.
_EXPECTED = {
    "FIELD": 'a condition, a text, "-" or "("',
    "NAME": "a name or a value",
    "VALUE": "a value",
    "RIGHT": '")"',
}
_EXAMPLE = "For example status:failed tag:quality=good."
_HINTS = {
    ":": 'A value follows the ":" directly; a text with a ":" stands in quotes, as in "a:b".',
    ",": 'Values are divided by "," alone, as in status:failed,canceled.',
    ")": 'A text with a bracket stands in quotes, as in "f(x)".',
    **dict.fromkeys(
        "=<>!", "A comparison needs a field and a value, as in metric:accuracy>0.9 or tag:a=b."
    ),
}


def parse(text: str) -> Node:
    """Return the tree of a query; of an empty one ``AllOf()``.

    Raises:
        Refused: a query that cannot be read, or is too long or too deep; ``field`` is "filter", the
            sentence and ``extra["position"]`` say where, counted from 1.
    """
    check_text(text, FIELD, LONGEST)
    if not text or text.isspace():
        return AllOf()
    try:
        # The builder makes nodes of everything, which lark's types cannot say.
        tree: Node = _parser().parse(text)  # type: ignore[assignment]
    except lark.UnexpectedInput as error:
        raise _explain(text, error) from None
    _check_count(tree)
    return tree


def refused(reason: str, place: int, hint: str = "") -> Refused:
    """Return the refusal of a query for what stands at ``place``, counted from 0."""
    position = place + 1
    return Refused(
        Code.BAD_REQUEST,
        f"{reason} (position {position}).",
        field=FIELD,
        hint=hint,
        extra={"position": position},
    )


@functools.cache
def _parser() -> lark.Lark:
    # Nodes are built while the text is read: no depth of the text is a depth of the stack.
    return lark.Lark(_GRAMMAR, parser="lalr", transformer=_Builder())


@lark.v_args(inline=True)
class _Builder(lark.Transformer[lark.Token, "Node"]):
    """Makes nodes of what the grammar has found, each by the name of its rule."""

    def some(self, *nodes: Node) -> Node:
        return _shallow(AnyOf(nodes, Span(nodes[0].span.start, nodes[-1].span.end)))

    def every(self, *nodes: Node) -> Node:
        for before, after in itertools.pairwise(nodes):
            if before.span.end == after.span.start:
                raise refused("A space is missing", after.span.start)
        return _shallow(AllOf(nodes, Span(nodes[0].span.start, nodes[-1].span.end)))

    def negated(self, sign: lark.Token, node: Node) -> Node:
        return _shallow(Not(node, Span(_start(sign), node.span.end)))

    def group(self, left: lark.Token, node: Node, right: lark.Token) -> Node:
        # The brackets belong to the node, so that it can be cut out of the text whole.
        return replace(node, span=Span(_start(left), _start(right) + 1))

    def text(self, token: lark.Token) -> Text:
        value = _value(token)
        if not value.text:
            raise refused("This text is empty", value.span.start)
        return Text(value, value.span)

    def condition(self, head: lark.Token, *rest: lark.Token | tuple[Value, ...]) -> Condition:
        operator = next((part for part in rest if isinstance(part, lark.Token)), None)
        names, values = (part if isinstance(part, tuple) else () for part in (rest[0], rest[-1]))
        if operator is None:
            values = ()
            end = names[-1].span.end
        else:
            end = values[-1].span.end if values else _start(operator) + len(operator)
        span = Span(_start(head), end)
        return Condition(head[:-1].lower(), names, str(operator or ""), values, span)

    def names(self, *tokens: lark.Token) -> tuple[Value, ...]:
        return tuple(map(_value, tokens))

    values = names


def _start(token: lark.Token) -> int:
    return token.start_pos or 0


def _value(token: lark.Token) -> Value:
    start = _start(token)
    span = Span(start, start + len(token))
    is_prefix = token.endswith("*")
    inner = token[: len(token) - is_prefix]
    if token.type == "STRING":
        return Value(_unquoted(inner, start), is_prefix, True, span)
    if "*" in inner:
        hint = 'Put a text with a star of its own in quotes, as in "a*b".'
        raise refused('A "*" stands at the end only', start + inner.index("*"), hint)
    return Value(inner, is_prefix, False, span)


def _unquoted(quoted: str, start: int) -> str:
    """Return what stands between quotes; a backslash goes before a quote or a backslash only."""
    parts = quoted[1:-1].split("\\\\")
    place = start + 1
    for part in parts:
        for piece in part.split("\\")[1:]:
            if not piece.startswith('"'):
                raise refused(
                    "A backslash stands here for nothing",
                    place + part.index("\\" + piece),
                    r"Write \\ for a backslash and \" for a quotation mark.",
                )
        place += len(part) + 2
    return "\\".join(part.replace('\\"', '"') for part in parts)


def _shallow(node: Node) -> Node:
    if depth(node) > DEEPEST:
        reason = f"The query is more than {DEEPEST} terms deep"
        raise refused(reason, node.span.start, "Leave out brackets or signs that are not needed.")
    return node


def _check_count(tree: Node) -> None:
    count = 0
    for leaf in leaves(tree):
        count += len(leaf.names) + len(leaf.values) if isinstance(leaf, Condition) else 1
        if count > MOST_CONDITIONS:
            reason = f"The query has more than {MOST_CONDITIONS} conditions and values"
            raise refused(reason, leaf.span.start, "Ask for less at once.")


def _explain(text: str, error: lark.UnexpectedInput) -> Refused:
    """Return what was expected where the reading stopped."""
    is_end = isinstance(error, lark.UnexpectedToken) and error.token.type == "$END"
    place = len(text.rstrip()) if is_end else error.pos_in_stream or 0
    found = text[place : place + 1]
    is_last = text[place + 1 : place + 2].strip() in ("", ")")
    if found == '"':
        return refused("This quotation mark is never closed", place)
    if found == "-" and is_last:
        return refused('A "-" stands directly before what is not meant', place)
    if found and found in ":,=<>!" and is_last:
        return refused(f'A value is missing behind the "{found}"', place, _HINTS[found])
    allowed = getattr(error, "expected", None) or getattr(error, "allowed", None) or set()
    wanted = next((words for name, words in _EXPECTED.items() if name in allowed), "the end")
    return refused(f"Expected here is {wanted}", place, _HINTS.get(found, _EXAMPLE))
