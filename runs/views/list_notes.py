"""Gentle notes above the list: parts of it that the studio does not know, or that no run has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists

from runs.actions.refused import Refused
from runs.models import Workspace
from runs.queries import columns, language, order
from runs.queries.conditions import said
from runs.queries.known import LABELS
from runs.queries.rows import NOUNS, metric_column
from runs.queries.tree import Condition, Not, inner
from runs.stores import log_digest

if TYPE_CHECKING:
    from runs.queries.tree import Node
    from runs.views.list_state import ListState

Key = tuple[str, str]
# As many are looked for; whoever has more columns of nothing sees it without a note.
_MOST = 30


def notes(workspace: Workspace, state: ListState) -> list[str]:
    """Return a sentence for each part of the list that shows nothing, in one query at most.

    Raises:
        Refused: a filter that cannot be read.
    """
    tree = language.parse(state.state.filter)
    asked = _asked(tree)
    shown = [(each.kind, each.key) for each in state.columns if each.kind in LABELS]
    absent = _absent(workspace, list(dict.fromkeys([*asked, *shown]))[:_MOST])
    found = [
        f'No run here has the {NOUNS.get(kind, kind)} "{key}" that the filter asks for.'
        for kind, key in asked
        if (kind, key) in absent
    ]
    found += [
        f'No run here has the {NOUNS.get(kind, kind)} "{key}": its column stays empty.'
        for kind, key in dict.fromkeys(shown)
        if (kind, key) in absent
    ]
    return [*_unknown(state), *found, *_of_logs(tree)]


def _of_logs(tree: Node) -> list[str]:
    """Return what of the logs is searched, where a filter asks for one."""
    if "log" not in said(tree):
        return []
    ends, middle = log_digest.ENDS // 1_024, log_digest.ERRORS // 1_024
    return [
        f"A log of up to {2 * ends} kB is searched whole; of a longer one the first and last "
        f"{ends} kB, up to {middle} kB of errors and one line of each kind between. To search one "
        "log whole, open it."
    ]


def _unknown(state: ListState) -> list[str]:
    """Return what a view of another time names and this studio does not know."""
    ids = [each.id for each in state.state.columns if columns.column(each.id) is None]
    found = [f'The column "{each}" is not known here and left out.' for each in ids]
    for name in [*state.state.sort, state.state.group]:
        try:
            order.keys([name] if name else [])
        except Refused:
            found.append(f'Runs cannot be sorted by "{name}" here; they are not.')
    return found


def _asked(node: Node) -> list[Key]:
    """Return the tags, properties, parameters and metrics that runs are to have."""
    if isinstance(node, Not):
        return []
    if isinstance(node, Condition):
        if node.field not in LABELS or node.operator == "!=":
            return []
        names = [each.text for each in node.names if not each.is_prefix]
        if node.field == "metric":
            names = [metric_column(name)[0] for name in names]
        return [(node.field, name) for name in names]
    return list(dict.fromkeys(key for part in inner(node) for key in _asked(part)))


def _absent(workspace: Workspace, keys: list[Key]) -> set[Key]:
    if not keys:
        return set()
    looks = {}
    for number, (kind, key) in enumerate(keys):
        model, column = LABELS[kind]
        rows = model._default_manager.filter(workspace=workspace, **{column: key})
        looks[f"has_{number}"] = Exists(rows)
    one = Workspace.objects.filter(pk=workspace.pk).annotate(**looks).values_list(*looks).get()
    return {key for key, is_there in zip(keys, one, strict=True) if not is_there}
