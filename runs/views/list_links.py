"""Where a click in the list leads: the same list of those runs only that have the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from runs.actions.refused import Refused
from runs.queries import language
from runs.queries.tree import AllOf, Condition, Value, label_term

if TYPE_CHECKING:
    from runs.queries.columns import Column
    from runs.queries.tree import Node
    from runs.views.list_state import ListState

TAGS = 3
_LONGEST = 200
_TERMS = {"status": "status", "experiment": "experiment", "compute": "compute",
          "submitter": "submitter", "type": "type", "parent": "parent"}  # fmt: skip


class Links:
    """Addresses of the list with one more term; a page has some hundred, most of them alike."""

    def __init__(self, state: ListState, tree: Node) -> None:
        self._base = state.base.filter
        self._bare = state.link(filter=self._base)
        # No filter has a NUL, so that this stands where the filter stands.
        self._pattern = state.link(filter="\0")
        nodes = tree.nodes if isinstance(tree, AllOf) else (tree,)
        self._terms = {node.text() for node in nodes}
        self._all, self._text = AllOf(nodes).text(), tree.text()
        self._known: dict[str, str] = {}

    def to(self, term: str) -> str:
        """Return the list of those runs that meet this term besides."""
        if term not in self._known:
            joined = " ".join(filter(None, [self._all, term]))
            text = self._text if term in self._terms else joined
            found = self._pattern.replace("%00", quote_plus(text))
            self._known[term] = self._bare if text == self._base else found
        return self._known[term]


def bare(tree: Node) -> str:
    """Return the text of a query that another term can follow."""
    return AllOf(tree.nodes if isinstance(tree, AllOf) else (tree,)).text()


def only(links: Links, of: Column, value: Any) -> str:
    """Return the list of those runs that have the same in this column, "" where that says little."""
    if value in (None, ""):
        return ""
    if of.id in _TERMS:
        term = Condition(_TERMS[of.id], names=(Value(str(value)),)).text()
    elif of.kind in ("tag", "property", "param") and len(str(value)) <= _LONGEST:
        term = label_term(of.kind, of.key, None if value is True else str(value))
    else:
        return ""
    return links.to(term)


def with_term(tree: Node, term: str) -> str:
    """Return the query with one more term, as it is if it has that."""
    nodes = tree.nodes if isinstance(tree, AllOf) else (tree,)
    if any(node.text() == term for node in nodes):
        return tree.text()
    return " ".join(filter(None, [AllOf(nodes).text(), term]))


def always(text: str, term: str) -> str:
    """Return a query that a term always limits; one that cannot be read stays, and shows no run."""
    try:
        return with_term(language.parse(text), term) if term else text
    except Refused:
        return text


def besides(text: str, term: str) -> str:
    """Return what a query says besides a term that always limits it."""
    try:
        tree = language.parse(text)
    except Refused:
        return text
    nodes = tree.nodes if isinstance(tree, AllOf) else (tree,)
    rest = tuple(node for node in nodes if node.text() != term)
    return text if len(rest) == len(nodes) else AllOf(rest).text()


def of_tag(links: Links, key: str, value: str | None) -> str:
    """Return the list of those runs that have this tag."""
    # An address has no room for every value; the key still says much.
    is_short = value is None or len(value) <= _LONGEST
    return links.to(label_term("tag", key, value if is_short else None))
