"""A query's tree to conditions on runs: the fields there are, and what each means.

A field is looked up in ``FIELDS`` and nowhere else; columns are named here, never by a query.
"""

from __future__ import annotations

import difflib
import functools
import itertools
import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q

from runs.models import Experiment, Run, RunProperty, RunStar, RunTag, TagOfSet, TagSet, User
from runs.models.run import Shelf
from runs.queries import moments, rows, search, survey
from runs.queries.language import refused
from runs.queries.rows import ORDERS, short
from runs.queries.survey import Asking, Ids, Known, Leaf, Ways, is_me
from runs.queries.tree import AllOf, AnyOf, Condition, Not, leaves, turned
from studio.contract.words import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from runs.models import Workspace
    from runs.models.run import RunQuerySet
    from runs.queries.tree import Node, Value

__all__ = ["FIELDS", "IS", "Asking", "meant", "said"]
# More parts of ids than this are not put together.
_MOST_PARTS = 10
# Where tags stand together in more ways, runs without one are looked for one by one.
_MOST_SETS = 1_000

Field = Callable[[Condition, Known], Ways]


@dataclass(frozen=True, slots=True)
class Meaning:
    """The condition on runs; all that meet it are ``among`` some ids, if these are few."""

    condition: Q
    among: Ids = ()


def meant(tree: Node, asking: Asking) -> Meaning:
    """Return which runs are meant by the query.

    Raises:
        Refused: a field that does not exist, or a value that it cannot have; says where.
    """
    known = survey.look(tree, asking)
    ways: dict[Leaf | Not, Ways] = {leaf: _ways(leaf, known) for leaf in leaves(tree)}
    for node, leaf in turned(tree):
        ways[node] = Ways(~ways[leaf].by_run, ways[leaf].others)
    rare = survey.rare(ways, asking.workspace)

    def of(node: Node) -> Meaning:
        match node:
            case Not(inner) if node not in rare:
                return Meaning(~of(inner).condition)
            case AllOf(nodes):
                parts = [of(each) for each in nodes]
                among = min(filter(None, (part.among for part in parts)), key=len, default=())
                both = functools.reduce(operator.and_, (part.condition for part in parts), Q())
                return Meaning(both, among)
            case AnyOf(nodes):
                return _either([of(each) for each in nodes])
        way = ways[node]
        found = survey.any_of(way.ids) if node in rare else way.by_run
        if way.is_not:
            return Meaning(~found)
        return Meaning(found, way.ids if node in rare else ())

    return of(tree)


def _either(parts: list[Meaning]) -> Meaning:
    found = functools.reduce(operator.or_, (part.condition for part in parts))
    among = tuple(itertools.chain.from_iterable(part.among for part in parts))
    if not all(part.among for part in parts) or len(among) > _MOST_PARTS:
        return Meaning(found)
    # Said of all together, so that their runs are looked up, not all runs.
    return Meaning(found & survey.any_of(among), among)


def said(tree: Node) -> set[str]:
    """Return the fields that a query names, and "is:" words whole, as ``is:child``."""
    found = set()
    for leaf in leaves(tree):
        if isinstance(leaf, Condition):
            found.add(leaf.field)
            found.update(f"{leaf.field}:{value.text}" for value in leaf.names + leaf.values)
    return found


def _ways(leaf: Leaf, known: Known) -> Ways:
    if isinstance(leaf, Condition):
        return _field(leaf)(leaf, known)
    # A star behind it adds nothing: the text is found anywhere.
    return search.contains(leaf.value.text)


def _field(condition: Condition) -> Field:
    found = FIELDS.get(condition.field)
    if found is None:
        reason = f'There is no field "{condition.field[:50]}"'
        raise refused(reason, condition.span.start, _suggestion(condition.field, FIELDS))
    return found


def _suggestion(word: str, known: Iterable[str]) -> str:
    alike = difflib.get_close_matches(word.lower(), known, 1)
    return f"Did you mean {alike[0]}?" if alike else f"There are {', '.join(known)}."


def _choice(
    find: Callable[[tuple[Value, ...], Known], Q],
    among: Callable[[Workspace], RunQuerySet] = Run.objects.inside,
) -> Field:
    """Return a field that is one of several values, or with ``!=`` none of them.

    ``among`` returns runs that an index finds by the field and nothing else.
    """

    def build(condition: Condition, known: Known) -> Ways:
        _check_choice(condition)
        found = find(condition.names or condition.values, known)
        ids = among(known.asking.workspace).filter(found).values("pk")
        return Ways(survey.run_by_run(found), (ids,), condition.operator == "!=")

    return build


def _check_choice(condition: Condition) -> None:
    rows.check_unnamed(condition)
    if condition.operator in ORDERS:
        reason = f"The field {condition.field} is compared by = or != only"
        raise refused(reason, condition.span.start, f"For example {condition.field}:value.")


def _all_runs(_: Workspace) -> RunQuerySet:
    # Ids of experiments, parents and people need no workspace; its index would only be in the way.
    return Run.objects.all()


def _log(condition: Condition, _: Known) -> Ways:
    _check_choice(condition)
    values = condition.names or condition.values
    empty = next((value for value in values if not value.text), None)
    if empty is not None:
        hint = 'For example log:"out of memory".'
        raise refused("Which text is to be in a log?", empty.span.start, hint)
    # A star behind them adds nothing, as behind a text.
    found = search.logged(value.text for value in values)
    return replace(found, is_not=condition.operator == "!=")


def _rows(condition: Condition, known: Known) -> Ways:
    if condition.field == "metric":
        found: QuerySet[Any] = rows.metrics(condition)
    elif condition.field == "param":
        found = rows.parameters(condition)
    else:
        model = RunTag if condition.field == "tag" else RunProperty
        found = rows.labels(condition, model)
    ids = rows.placed(found, condition, known).values("run")
    others = _without_tag(condition, known) if condition.field == "tag" else ()
    return Ways(Q(Exists(found.filter(run=OuterRef("pk")))), (ids,), others=others)


def _without_tag(condition: Condition, known: Known) -> Ids:
    """Return the ids of runs with none of these tags; where a value is asked for too, of no runs."""
    if condition.operator:
        return ()
    has_one = TagOfSet.objects.filter(
        tag_set=OuterRef("pk"), key__in=[name.text for name in condition.names]
    )
    sets = TagSet.objects.inside(known.asking.workspace).filter(~Exists(has_one))
    # Looked up first: an index is entered by sets that are known, and by nothing besides.
    known_sets = list(sets.values_list("pk", flat=True)[: _MOST_SETS + 1])
    if len(known_sets) > _MOST_SETS:
        return ()
    return (Run.objects.filter(tag_set__in=known_sets).values("pk"),)


def _texts(column: str, values: tuple[Value, ...]) -> Q:
    exact = [value.text for value in values if not value.is_prefix]
    return Q(**{f"{column}__in": exact}) | _beginning(column, values)


def _beginning(column: str, values: tuple[Value, ...]) -> Q:
    """Return that a text begins with one of the ``values`` that are beginnings."""
    found = Q(pk__in=[])
    for value in values:
        if value.is_prefix:
            found |= Q(**{f"{column}__begins": value.text})
    return found


def _status(values: tuple[Value, ...], _: Known) -> Q:
    known = {status.value.lower(): status for status in Status}
    found = set()
    for value in values:
        asked = value.text.lower()
        alike = [s for word, s in known.items() if value.is_prefix and word.startswith(asked)]
        if asked in known:
            alike.append(known[asked])
        if not alike:
            near = difflib.get_close_matches(asked, known, 1)
            hint = _suggestion(known[near[0]] if near else asked, list(Status))
            raise refused(f"There is no status {short(value)}", value.span.start, hint)
        found.update(alike)
    return Q(status__in=sorted(found))


def _experiment(values: tuple[Value, ...], known: Known) -> Q:
    alike = Experiment.objects.inside(known.asking.workspace).filter(_beginning("name", values))
    return Q(experiment__in=known.ids("experiment", values)) | Q(experiment__in=alike)


def _parent(values: tuple[Value, ...], known: Known) -> Q:
    alike = Run.objects.inside(known.asking.workspace).filter(_beginning("run_id", values))
    return Q(parent__in=known.ids("parent", values)) | Q(parent__in=alike)


def _submitter(values: tuple[Value, ...], known: Known) -> Q:
    me = next(filter(is_me, values), None)
    ids = known.ids("submitter", itertools.filterfalse(is_me, values))
    if me is not None:
        if known.asking.by.user is None:
            raise refused('Nobody asks here, so "me" is nobody', me.span.start)
        ids.append(known.asking.by.user.pk)
    alike = Q(pk__in=[])
    for value in values:
        if value.is_prefix:
            alike |= Q(username__istartswith=value.text)
    return Q(created_by__in=ids) | Q(created_by__in=User.objects.filter(alike))


def _is(condition: Condition, known: Known) -> Ways:
    def find(values: tuple[Value, ...], known: Known) -> Q:
        found = Q()
        for value in values:
            if value.is_prefix or value.text not in IS:
                hint = _suggestion(value.text, IS)
                raise refused(f"A run is never {short(value)}", value.span.start, hint)
            found |= _starred(known) if value.text == _STARRED else IS[value.text]
        return found

    # Here it is a range that is wanted, of each shelf.
    words = [value.text for value in condition.names + condition.values]
    places = {**_IN_INDEX, _STARRED: _starred(known)}
    ids = tuple(moments.runs(places[word], known) for word in words if word in places)
    return replace(_choice(find)(condition, known), ids=ids)


def _starred(known: Known) -> Q:
    """Return the runs that who asks has starred."""
    return Q(pk__in=RunStar.objects.filter(user=known.asking.by.user).values("run"))


_STARRED = "starred"
# Not depth > 0: SQLite would take that range of an index, and sort all children there are.
IS = {"child": ~Q(depth=0), "archived": Q(shelf=Shelf.ARCHIVED), _STARRED: Q()}
_IN_INDEX = {"child": Q(shelf__in=list(Shelf), depth__gt=0), "archived": IS["archived"]}
FIELDS: dict[str, Field] = {
    "status": _choice(_status),
    "tag": _rows,
    "property": _rows,
    "metric": _rows,
    "param": _rows,
    "log": _log,
    "experiment": _choice(_experiment, _all_runs),
    "compute": _choice(lambda values, _: _texts("target", values)),
    "submitter": _choice(_submitter, _all_runs),
    "created": moments.created,
    "duration": moments.duration,
    "parent": _choice(_parent, _all_runs),
    "is": _is,
    "name": _choice(lambda values, _: _texts("display_name", values)),
    "id": _choice(lambda values, _: _texts("run_id", values)),
    "type": _choice(lambda values, _: _texts("run_type", values)),
}
