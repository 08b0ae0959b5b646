"""Their search for runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from django.db.models import F, Q
from django.utils import timezone
from pydantic import BeforeValidator, Field

from runs import access
from runs.api.mlflow import documents, paging, statuses
from runs.api.mlflow.errors import Fault
from runs.api.mlflow.experiments import numbered
from runs.api.mlflow.messages import Int64, Message
from runs.models import Run
from runs.models.run import Shelf
from runs.queries import conditions, mlflow_search
from runs.queries.conditions import Asking
from runs.queries.mlflow_language import Unreadable, parse, parse_order
from runs.queries.tree import AllOf, Condition, literal

if TYPE_CHECKING:
    from runs.api.mlflow.door import Call
    from runs.models import Experiment
    from runs.models.run import RunQuerySet
    from runs.queries.tree import Node

_VIEWS = {1: "ACTIVE_ONLY", 2: "DELETED_ONLY", 3: "ALL"}
# More experiments than these are not named to the query, only held against its runs.
_MOST_NAMED = 50


def _view(value: object) -> object:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    word = _VIEWS.get(value) if type(value) is int else value
    if word not in _VIEWS.values():
        raise ValueError("no view")
    return word


View = Annotated[str, BeforeValidator(_view)]


class Search(Message):
    """Which runs are asked for."""

    experiment_ids: list[str] = Field(default_factory=list)
    filter: str = ""
    run_view_type: View = "ACTIVE_ONLY"
    max_results: Int64 = 1_000
    order_by: list[str] = Field(default_factory=list)
    page_token: str = ""


def search(call: Call) -> dict[str, Any]:
    """Return a page of runs."""
    asked = call.read(Search)
    limit, offset = paging.check_results(asked.max_results), paging.offset_of(asked.page_token)
    try:
        found, ways = _meant(call, asked), _ways(asked.order_by)
    except Unreadable as error:
        raise Fault(str(error)) from None
    ordered = found.order_by(*ways).values_list("pk", flat=True)
    ids = list(ordered[offset : offset + limit + 1])
    by_id = Run.objects.with_names().in_bulk(ids[:limit])
    runs = [by_id[pk] for pk in ids[:limit] if pk in by_id]
    metrics = documents.metrics_of(runs)
    return {
        "runs": [documents.run_document(run, metrics[run.pk]) for run in runs],
        "next_page_token": paging.token_of(offset + limit) if len(ids) > limit else None,
    }


def _meant(call: Call, asked: Search) -> RunQuerySet:
    experiments = list(numbered(call, asked.experiment_ids))
    nodes, rest = mlflow_search.terms(parse(asked.filter), statuses.ours)
    if 0 < len(experiments) <= _MOST_NAMED:
        # Named to the query as well, whose indexes begin with the experiment.
        names = dict.fromkeys(experiment.name for experiment in experiments)
        named: list[Node] = [Condition("experiment", tuple(map(literal, names)))]
        nodes = named + nodes
    asking = Asking(call.workspace, call.actor, timezone.now())
    meant = conditions.meant(AllOf(tuple(nodes)), asking)
    return _reached(call).filter(meant.condition, rest, _stage(asked.run_view_type, experiments))


def _reached(call: Call) -> RunQuerySet:
    if call.actor.scope() is not None:
        return access.runs_of(call.actor, call.workspace)
    return Run.objects.inside(call.workspace)


def _stage(view: str, experiments: list[Experiment]) -> Q:
    """Return the condition of a stage: deleted are runs in the bin, and all of an archived experiment."""
    active = [each.pk for each in experiments if each.archived_at is None]
    gone = [each.pk for each in experiments if each.archived_at is not None]
    if view == "ALL":
        return Q(experiment__in=active + gone)
    if view == "DELETED_ONLY":
        return Q(experiment__in=gone) | Q(experiment__in=active, shelf=Shelf.BIN)
    return Q(experiment__in=active) & ~Q(shelf=Shelf.BIN)


def _ways(order_by: list[str]) -> list[Any]:
    """Return the order that is asked for, then the newest first, then by id."""
    ways: list[Any] = []
    seen: set[tuple[str, str]] = set()
    for text in order_by:
        entity, key, down = parse_order(text)
        kind = mlflow_search.entity_of(entity)
        key = mlflow_search.attribute_of(key) if kind == "attribute" else key
        if (kind, key) in seen:
            raise Fault(f"`order_by` contains duplicate fields: ['{key[:100]}']")
        seen.add((kind, key))
        last, value = mlflow_search.order_parts(entity, key)
        ways += [last.asc(), value.desc() if down else value.asc()]
    if ("attribute", "start_time") not in seen:
        ways.append(F("started_at").desc(nulls_last=True))
    return [*ways, F("run_id").asc()]
