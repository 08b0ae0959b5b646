"""Which runs are meant: the one query behind the page, the API and whatever lists runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.models import RunProperty, RunTag
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import Status

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from runs.models.run import RunQuerySet

_LONGEST = 1_000
# More than this no run has, and no database likes.
_MOST_LABELS = max(limits.TAGS_PER_RUN, limits.PROPERTIES_PER_RUN)
Label = TypeVar("Label", RunTag, RunProperty)


@dataclass(frozen=True, slots=True)
class RunQuery:
    """What is asked for; empty means any. ``status`` may name several, divided by commas.

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


def matching(runs: RunQuerySet, asked: RunQuery) -> RunQuerySet:
    """Return those of ``runs`` that are meant, archived ones left out.

    Raises:
        Refused: a value that cannot be meant, by the name of its field. Never all runs instead.
    """
    for name in ("experiment", "parent", "root", "target", "submitter", "type"):
        check_text(getattr(asked, name), name, _LONGEST)
    runs = runs.listed()
    if asked.experiment:
        runs = runs.filter(experiment__name=asked.experiment)
    if asked.status:
        runs = runs.in_status(*_statuses(asked.status))
    if asked.target:
        runs = runs.filter(target=asked.target)
    if asked.submitter:
        runs = runs.filter(created_by__username=asked.submitter)
    if asked.type:
        runs = runs.filter(run_type=asked.type)
    for tagged in _labelled(RunTag, "tags", asked.tags):
        runs = runs.filter(pk__in=tagged.values("run"))
    for known in _labelled(RunProperty, "properties", asked.properties):
        runs = runs.filter(pk__in=known.values("run"))
    if asked.parent:
        return runs.filter(parent__run_id=asked.parent)
    if asked.root:
        return runs.filter(root__run_id=asked.root)
    return runs if asked.include_children else runs.top_level()


def _labelled(model: type[Label], field: str, text: str) -> list[QuerySet[Label]]:
    """Return a query of rows for each key that is asked for."""
    if not text:
        return []
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        asked = None
    found = [rows for each in _each(asked) for rows in _rows(model, field, each)]
    if len(found) > _MOST_LABELS:
        raise Refused(
            Code.BAD_REQUEST,
            f"These are {len(found)} keys; up to {_MOST_LABELS} can be asked for at once.",
            field=field,
        )
    return found


def _each(asked: object) -> list[object]:
    return asked if isinstance(asked, list) else [asked]


def _rows(model: type[Label], field: str, asked: object) -> list[QuerySet[Label]]:
    if isinstance(asked, str):
        check_text(asked, field, _LONGEST)
        return [model.objects.filter(key=asked)]
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
    return [_row(model, key, value) for key, value in asked.items()]


def _row(model: type[Label], key: str, value: str | None) -> QuerySet[Label]:
    # The index holds the beginning of a value; the rest is compared row by row.
    start = None if value is None else value[: limits.VALUE_START]
    return model.objects.filter(key=key, value_start=start, value=value)


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
