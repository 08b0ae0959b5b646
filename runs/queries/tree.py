"""What a query says, as a small tree; ``str(tree)`` is the query again.

Every node knows where it stands in the text it was read from, so that an error, a chip or a
completion can point there. Places do not count when trees are compared.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What may stand without quotes: as text, behind "field:", and behind an operator.
WORD = r'(?!(?:AND|OR|NOT)(?![^\s()"]))[^\s"(),:=<>!-](?:[^\s"(),:=<>!]|!(?!=))*'
NAME = r'(?:[^\s"(),=<>!]|!(?!=))+'
VALUE = r'[^\s"(),=<>!][^\s"(),]*'

_BARE = {"word": re.compile(WORD), "name": re.compile(NAME), "value": re.compile(VALUE)}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the query: characters ``start`` to before ``end``, counted from 0."""

    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Value:
    """One text of a query. ``is_prefix`` says that a ``*`` stood behind it: what begins so.

    ``is_quoted`` is kept because some bare words mean something, like ``me`` and ``-7d``.
    """

    text: str
    is_prefix: bool = False
    is_quoted: bool = False
    span: Span = dataclasses.field(default=Span(), compare=False)

    def written(self, place: str) -> str:
        """Return the value as it stands in a query; ``place`` is "word", "name" or "value"."""
        star = "*" if self.is_prefix else ""
        if not self.is_quoted and self._can_be_bare(place):
            return self.text + star
        inner = self.text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{inner}"{star}'

    def _can_be_bare(self, place: str) -> bool:
        star = "*" if self.is_prefix else ""
        return "*" not in self.text and bool(_BARE[place].fullmatch(self.text + star))

    def __str__(self) -> str:
        return self.written("name")


def literal(text: str) -> Value:
    """Return the value that is this text and nothing else."""
    return Value(text, is_quoted=True)


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be found anywhere in a run."""

    value: Value
    span: Span = dataclasses.field(default=Span(), compare=False)

    def text(self) -> str:
        """Return this as it stands in a query."""
        return self.value.written("word")

    __str__ = text


@dataclass(frozen=True, slots=True)
class Condition:
    """``field:names``, ``field:operator values`` or ``field:name operator values``.

    ``status:failed,canceled`` has two names; ``created:>-7d`` an operator and a value;
    ``tag:quality=good`` all three. ``tag:quality=`` has an operator and no value: the tag has none.
    """

    field: str
    names: tuple[Value, ...] = ()
    operator: str = ""
    values: tuple[Value, ...] = ()
    span: Span = dataclasses.field(default=Span(), compare=False)

    def text(self) -> str:
        """Return this as it stands in a query."""
        names = ",".join(value.written("name") for value in self.names)
        values = ",".join(value.written("value") for value in self.values)
        return f"{self.field}:{names}{self.operator}{values}"

    __str__ = text


@dataclass(frozen=True, slots=True)
class Not:
    """What does not hold."""

    node: Node
    span: Span = dataclasses.field(default=Span(), compare=False)

    def text(self) -> str:
        """Return this as it stands in a query."""
        return f"-{_inside(self.node)}"

    __str__ = text


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of several, or of none: then everything is meant."""

    nodes: tuple[Node, ...] = ()
    span: Span = dataclasses.field(default=Span(), compare=False)

    def text(self) -> str:
        """Return this as it stands in a query."""
        return " ".join(map(_inside, self.nodes))

    __str__ = text


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of several."""

    nodes: tuple[Node, ...]
    span: Span = dataclasses.field(default=Span(), compare=False)

    def text(self) -> str:
        """Return this as it stands in a query."""
        return " OR ".join(
            f"({node})" if isinstance(node, AnyOf) else str(node) for node in self.nodes
        )

    __str__ = text


Node = Text | Condition | Not | AllOf | AnyOf


def label_term(kind: str, key: str, value: str | None) -> str:
    """Return the condition that a run has this tag, property or parameter."""
    if value is None:
        return Condition(kind, names=(Value(key),)).text()
    if not value:
        return Condition(kind, (Value(key),), "=", (Value("", is_quoted=True),)).text()
    return Condition(kind, (Value(key),), "=", (Value(value),)).text()


def inner(node: Node) -> tuple[Node, ...]:
    """Return what a node is made of."""
    match node:
        case AllOf(nodes) | AnyOf(nodes):
            return nodes
        case Not(only):
            return (only,)
    return ()


def leaves(node: Node) -> Iterator[Text | Condition]:
    """Yield the texts and conditions of a tree, from left to right."""
    if isinstance(node, Text | Condition):
        yield node
    for part in inner(node):
        yield from leaves(part)


def turned(node: Node) -> Iterator[tuple[Not, Text | Condition]]:
    """Yield what is turned round and is one text or condition, and that."""
    if isinstance(node, Not) and isinstance(node.node, Text | Condition):
        yield node, node.node
    for part in inner(node):
        yield from turned(part)


def depth(node: Node) -> int:
    """Return how many nodes stand above each other."""
    return 1 + max(map(depth, inner(node)), default=0)


def _inside(node: Node) -> str:
    return f"({node})" if isinstance(node, AllOf | AnyOf) else str(node)
