"""The conditions of the query as chips that can be left out, and terms that can be switched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs.actions.refused import Refused
from runs.queries import language
from runs.queries.tree import AllOf
from runs.views import list_links

if TYPE_CHECKING:
    from runs.views.list_state import ListState


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition of the query: what it says, where it stands, and the list without it."""

    text: str
    start: int
    end: int
    without: str


def chips(state: ListState) -> list[Chip]:
    """Return the conditions of the query, each with the list without it; none of a broken one."""
    text = state.filter
    try:
        tree = language.parse(text)
    except Refused:
        return []
    nodes = tree.nodes if isinstance(tree, AllOf) else (tree,)
    return [
        Chip(
            node.text(),
            node.span.start,
            node.span.end,
            state.link(filter=AllOf(tuple(n for n in nodes if n is not node)).text()),
        )
        for node in nodes
    ]


def toggled(state: ListState, term: str) -> tuple[bool, str]:
    """Return whether the query has a term, and the list with it or without."""
    text = state.filter
    try:
        tree = language.parse(text)
    except Refused:
        return False, state.link(filter=term)
    nodes = tree.nodes if isinstance(tree, AllOf) else (tree,)
    rest = tuple(node for node in nodes if node.text() != term)
    if len(rest) < len(nodes):
        return True, state.link(filter=AllOf(rest).text())
    return False, state.link(filter=list_links.with_term(tree, term))
