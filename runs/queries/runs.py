"""Which runs are meant: the one query behind the page, the API and whatever lists runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.models import Run
from runs.queries import conditions, language
from runs.queries.conditions import Asking
from runs.queries.tree import AllOf, Condition, literal
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import Status

if TYPE_CHECKING:
    from runs.access import Actor
    from runs.models import Workspace
    from runs.models.run import RunQuerySet
    from runs.queries.tree import Node

_LONGEST = 1_000
# More than this no run has, and no database likes.
_MOST_LABELS = max(limits.TAGS_PER_RUN, limits.PROPERTIES_PER_RUN)


@dataclass(frozen=True, slots=True)
class RunQuery:
    """What is asked for; empty means any. ``status`` may name several, divided by commas.

    ``filter`` is a query of ``runs.queries.language``; all that is said besides must hold as well.
    ``parent`` is a run id: only its children are meant; ``root`` is the run at the top of a tree:
    all below it are. Without them children are left out unless ``include_children``. ``tags`` and
    ``properties`` are JSON: a text is a key that a run has, an object is keys with their values, a
    list is several of either; a run has all of them.
    """

    experiment: str = ""
    status: str = ""
    parent: str = ""
    root: str = ""
    target: str = ""
    submitter: str = ""
    include_children: bool = False
    tags: str = ""
    properties: str = ""
    type: str = ""
    filter: str = ""


def matching(
    runs: RunQuerySet,
    asked: RunQuery,
    *,
    workspace: Workspace,
    by: Actor,
    everywhere: bool = False,
) -> RunQuerySet:
    """Return those of ``runs``, all of ``workspace``, that ``by`` means.

    Archived runs and children are left out unless the query speaks of them, or ``everywhere``.

    Raises:
        Refused: a value that cannot be meant, by the name of its field. Never all runs instead.
    """
    for name in ("experiment", "parent", "root", "target", "submitter", "type"):
        check_text(getattr(asked, name), name, _LONGEST)
    tree = AllOf((*_terms(asked), language.parse(asked.filter)))
    if not everywhere:
        runs = _in_scope(runs, asked, conditions.said(tree))
    meant = conditions.meant(tree, Asking(workspace, by, timezone.now()))
    runs = runs.filter(meant.condition)
    runs.are_few = bool(meant.among or asked.root)
    if asked.root:
        top = Run.objects.inside(workspace).filter(run_id=asked.root).values_list("pk", flat=True)
        # The index by root finds them, not a walk through the list.
        runs = runs.filter(pk__in=Run.objects.filter(root__in=list(top)).values("pk"))
    return runs


def _terms(asked: RunQuery) -> list[Node]:
    """Return what is asked besides the filter, as the same terms of a query."""
    statuses = [status.value for status in _statuses(asked.status)] if asked.status else []
    choices = {
        "experiment": [asked.experiment],
        "status": statuses,
        "compute": [asked.target],
        "submitter": [asked.submitter],
        "type": [asked.type],
        "parent": [asked.parent],
    }
    found = [
        Condition(field, tuple(map(literal, texts)))
        for field, texts in choices.items()
        if any(texts)
    ]
    return [
        *found,
        *_labels("tags", "tag", asked.tags),
        *_labels("properties", "property", asked.properties),
    ]


def _in_scope(runs: RunQuerySet, asked: RunQuery, said: set[str]) -> RunQuerySet:
    """Leave out archived runs and children, unless the query speaks of them: the one place to say so."""
    if "is:archived" not in said:
        runs = runs.listed()
    if asked.root or asked.include_children or said & {"parent", "is:child"}:
        return runs
    return runs.top_level()


def _labels(field: str, noun: str, text: str) -> list[Condition]:
    """Return a condition for each key that is asked for."""
    if not text:
        return []
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        asked = None
    found = [condition for each in _each(asked) for condition in _keys(field, noun, each)]
    if len(found) > _MOST_LABELS:
        raise Refused(
            Code.BAD_REQUEST,
            f"These are {len(found)} keys; up to {_MOST_LABELS} can be asked for at once.",
            field=field,
        )
    return found


def _each(asked: object) -> list[object]:
    return asked if isinstance(asked, list) else [asked]


def _keys(field: str, noun: str, asked: object) -> list[Condition]:
    if isinstance(asked, str):
        check_text(asked, field, _LONGEST)
        return [Condition(noun, (literal(asked),))]
    if not isinstance(asked, dict) or not all(
        v is None or isinstance(v, str) for v in asked.values()
    ):
        raise Refused(
            Code.BAD_REQUEST,
            "This should be JSON: a key as a text, or an object of keys and values.",
            field=field,
            hint='For example {"quality": "good", "worth another look": null}.',
        )
    for key, value in asked.items():
        check_text(key, field, limits.KEY)
        check_text(value or "", field, limits.VALUE)
    return [
        Condition(noun, (literal(key),), "=", () if value is None else (literal(value),))
        for key, value in asked.items()
    ]


def _statuses(text: str) -> list[Status]:
    known = {status.value.lower(): status for status in Status}
    asked = [word.strip().lower() for word in text.split(",")]
    unknown = [word for word in asked if word not in known]
    if unknown:
        raise Refused(
            Code.BAD_REQUEST,
            f'There is no status "{unknown[0][:50]}".',
            field="status",
            hint=f"Statuses are {', '.join(status.value for status in Status)}.",
        )
    return [known[word] for word in asked]
