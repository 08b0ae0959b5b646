"""What a query means, said once more and slowly: run by run, without a database."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from runs.queries.tree import AllOf, AnyOf, Condition, Node, Not, Text, Value, leaves
from studio.contract.words import Status

NOW = datetime.now(UTC)
ORDERS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
# What the queries of the tests have of times: begin, and end where it is more than a moment.
STRETCHES = {
    "-7d": (NOW - timedelta(days=7), NOW - timedelta(days=7)),
    "-90d": (NOW - timedelta(days=90), NOW - timedelta(days=90)),
    "2026-01-05": (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC)),
    "2026-01-05T12:00Z": (
        datetime(2026, 1, 5, 12, tzinfo=UTC),
        datetime(2026, 1, 5, 12, 1, tzinfo=UTC),
    ),
}
LENGTHS = {"0s": 0, "60s": 60, "1h": 3_600, "2h": 7_200}


@dataclass(frozen=True)
class Plain:
    """A run as plain values; of a metric the last value, the least and the most."""

    run_id: str
    name: str
    description: str
    experiment: str
    target: str
    submitter: str
    status: Status
    created: datetime
    seconds: float | None
    lasts: bool
    parent: str
    archived: bool
    tags: Mapping[str, str | None] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, list[float]] = field(default_factory=dict)
    logs: Mapping[str, list[str]] = field(default_factory=dict)

    def texts(self) -> list[str]:
        """All that free text looks through."""
        labels = [text for pair in self.tags.items() for text in pair if text]
        own = [self.name, self.run_id, self.description, self.status.value, self.experiment]
        return [*own, self.submitter, self.submitter.capitalize(), *labels]


def listed(run: Plain, tree: Node) -> bool:
    """Whether the list shows a run for a query: archived runs and children only if it speaks of them."""
    said = [leaf for leaf in leaves(tree) if isinstance(leaf, Condition)]
    words = {value.text for leaf in said if leaf.field == "is" for value in _values(leaf)}
    children = "child" in words or any(leaf.field == "parent" for leaf in said)
    if (run.archived and "archived" not in words) or (run.parent and not children):
        return False
    return meant(run, tree)


def meant(run: Plain, node: Node) -> bool:
    """Whether a query means a run."""
    match node:
        case AllOf(nodes):
            return all(meant(run, each) for each in nodes)
        case AnyOf(nodes):
            return any(meant(run, each) for each in nodes)
        case Not(inner):
            return not meant(run, inner)
        case Text(value):
            return _has(run.texts(), value.text)
    return _meets(run, node)


def _meets(run: Plain, asked: Condition) -> bool:
    match asked.field:
        case "tag":
            return _label(asked, run.tags)
        case "property":
            return _label(asked, run.properties)
        case "param":
            return _parameter(asked, run.parameters)
        case "metric":
            return _metric(asked, run.metrics)
        case "log":
            lines = [line for log in run.logs.values() for line in log]
            found = any(_has(lines, value.text) for value in _values(asked))
            return found == (asked.operator != "!=")
        case "created":
            return _created(asked, run.created)
        case "duration":
            length = LENGTHS[asked.values[0].text]
            # What goes on has lasted for longer than any length of the tests, or has not begun.
            took = 1e9 if run.lasts else run.seconds
            return took is not None and ORDERS[asked.operator](took, length)
    own = {
        "status": run.status.value.lower(),
        "experiment": run.experiment,
        "compute": run.target,
        "submitter": run.submitter,
        "parent": run.parent,
        "name": run.name,
        "id": run.run_id,
        # None of the tests gives a run a type.
        "type": "",
    }
    if asked.field == "is":
        words = {"child": bool(run.parent), "archived": run.archived}
        found = any(words[value.text] for value in _values(asked))
    else:
        folds = asked.field in ("status", "submitter")
        found = any(
            _fits(own[asked.field], value, folds=folds)
            for value in _values(asked)
            if asked.field != "parent" or run.parent
        )
    return found != (asked.operator == "!=")


def _values(asked: Condition) -> tuple[Value, ...]:
    return asked.names + asked.values


def _fits(text: str, value: Value, *, folds: bool = False) -> bool:
    wanted = value.text.lower() if folds else value.text
    return text.startswith(wanted) if value.is_prefix else text == wanted


def _label(asked: Condition, labels: Mapping[str, str | None]) -> bool:
    has = [name.text for name in asked.names if name.text in labels]
    if not asked.operator or not has:
        return bool(has)
    text = labels[has[0]]
    if asked.values:
        found = text is not None and any(_fits(text, value) for value in asked.values)
    else:
        found = text is None
    return found == (asked.operator == "=")


def _parameter(asked: Condition, known: Mapping[str, str]) -> bool:
    has = [name.text for name in asked.names if name.text in known]
    if not asked.operator or not has:
        return bool(has)
    text = known[has[0]]
    number = _number(text)
    if asked.operator in ORDERS:
        return number is not None and ORDERS[asked.operator](number, float(asked.values[0].text))
    found = False
    for value in asked.values:
        sought = None if value.is_quoted or value.is_prefix else _number(value.text)
        found |= _fits(text, value) if sought is None else number == sought
    return found == (asked.operator == "=")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number - number == 0 else None


def _metric(asked: Condition, known: Mapping[str, list[float]]) -> bool:
    if not asked.operator:
        return any(name.text in known for name in asked.names)
    name, _, part = asked.names[0].text.partition(".")
    if name not in known:
        return False
    finite = [number for number in known[name] if number - number == 0]
    last = known[name][-1]
    number = {"": last, "last": last}.get(part)
    if part in ("min", "max"):
        number = (min if part == "min" else max)(finite) if finite else None
    if asked.operator in ORDERS:
        if number is None or number - number != 0:
            return False
        return bool(ORDERS[asked.operator](number, float(asked.values[0].text)))
    # Two that are no number are alike here.
    found = any(str(float(value.text)) == str(number) for value in asked.values)
    return found == (asked.operator == "=")


def _created(asked: Condition, created: datetime) -> bool:
    begin, end = STRETCHES[_values(asked)[0].text]
    match asked.operator:
        case ">":
            return created > begin if begin == end else created >= end
        case ">=":
            return created >= begin
        case "<":
            return created < begin
        case "<=":
            return created <= begin if begin == end else created < end
    return (begin <= created < end) != (asked.operator == "!=")


def _has(texts: list[str], sought: str) -> bool:
    """Look through texts: anywhere, but for one or two letters where a word begins."""
    wanted = sought.casefold()
    for text in texts:
        whole = text.casefold()
        for place in range(len(whole)):
            begins = place == 0 or not whole[place - 1].isalnum()
            if whole.startswith(wanted, place) and (begins or len(wanted) > 2):
                return True
    return False
