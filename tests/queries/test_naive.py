"""What the database finds is what a person would find who looks at every run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.access import Actor
from runs.actions import changes, labels, log_documents, logs, metrics, workspaces
from runs.actions.metrics import Row
from runs.models import Run, User, Workspace
from runs.models.run import Shelf
from runs.queries import survey
from runs.queries.conditions import FIELDS
from runs.queries.tree import Condition, Node, Text, Value
from studio.contract import limits, places
from studio.contract.words import Status
from tests.conftest import MakeRun
from tests.queries.conftest import Found, trees
from tests.queries.naive import LENGTHS, NOW, STRETCHES, Plain, listed

# As long as the index holds, and longer: the rest is compared by itself.
LONG = "v" * limits.VALUE_START
KEYS = ["quality", "a b", "k:=!"]
TEXTS = ["good", "Good", "gooey", "50%_", "50", "0.5", "é木", LONG, LONG + "tail"]
NUMBERS = [0.0, -1.5, 0.5, 0.25, 1e300, float("nan"), float("inf"), float("-inf")]
PARAMETERS = ["0.5", "5e-1", "1000", "adam", "nan", "-1.5"]
LINES = [
    "Epoch 1: loss 0.5",
    "CUDA out of memory.",
    "CUDA is there",
    '50%_ done \\ "q"',
    "",
    "Straße é木",
]
NAMES = ["First try", "first", "try 50%", "a"]
TIMES = [
    *(NOW - timedelta(days=days) for days in (1, 8, 100)),
    *(datetime(2026, 1, 5, tzinfo=UTC) + timedelta(microseconds=n) for n in (-1, 0)),
    *(datetime(2026, 1, 5, 12, tzinfo=UTC) + timedelta(seconds=n) for n in (-1, 0, 59, 60)),
]


def _some(keys: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(keys), values, max_size=2)


@st.composite
def plain_runs(draw: st.DrawFn) -> list[Plain]:
    """Return some runs; a child follows the run that it is a child of."""
    found: list[Plain] = []
    for n in range(draw(st.integers(1, 5))):
        tops = [run.run_id for run in found if not run.parent]
        lasts = draw(st.booleans())
        took = st.none() | st.sampled_from([0.0, 59.5, 60.0, 3_600.0, 9_000.0])
        found.append(
            Plain(
                run_id=f"r{n}",
                name=draw(st.sampled_from(NAMES)),
                description=draw(st.sampled_from(["", "too warm", "GOOD_%"])),
                experiment=draw(st.sampled_from(["explore-runs", "explore-more", "other"])),
                target=draw(st.sampled_from(["sdk", "gpu-cluster"])),
                submitter=draw(st.sampled_from(["alice", "bob"])),
                status=draw(st.sampled_from(Status)),
                created=draw(st.sampled_from(TIMES)),
                seconds=None if lasts else draw(took),
                lasts=lasts,
                parent=draw(st.sampled_from(["", *tops])),
                archived=draw(st.booleans()),
                tags=draw(_some(KEYS, st.none() | st.sampled_from(["", *TEXTS]))),
                properties=draw(_some(KEYS, st.sampled_from(TEXTS))),
                parameters=draw(_some(["lr", "depth"], st.sampled_from(PARAMETERS))),
                metrics=draw(
                    _some(["loss"], st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=3))
                ),
                logs=draw(_some([places.STD_LOG, "logs/a.txt"], st.lists(st.sampled_from(LINES)))),
            )
        )
    return found


def _value(*texts: str, quoted: bool | None = None) -> st.SearchStrategy[Value]:
    is_quoted = st.booleans() if quoted is None else st.just(quoted)
    return st.builds(Value, st.sampled_from(texts), st.booleans(), is_quoted)


def _several(value: st.SearchStrategy[Value]) -> st.SearchStrategy[tuple[Value, ...]]:
    return st.lists(value, min_size=1, max_size=3).map(tuple)


def _one(*texts: str) -> st.SearchStrategy[tuple[Value, ...]]:
    return st.builds(Value, st.sampled_from(texts)).map(lambda value: (value,))


def _conditions(field: str, values: st.SearchStrategy[tuple[Value, ...]]) -> st.SearchStrategy[Any]:
    named = st.builds(Condition, st.just(field), values)
    return named | st.builds(Condition, st.just(field), st.just(()), st.just("!="), values)


def _rows(
    field: str,
    keys: list[str],
    operators: str,
    values: st.SearchStrategy[tuple[Value, ...]],
) -> st.SearchStrategy[Any]:
    key = st.sampled_from(keys).map(lambda text: (Value(text, is_quoted=True),))
    keys_ = st.lists(st.sampled_from(keys).map(lambda t: Value(t, is_quoted=True)), min_size=1)
    return st.builds(Condition, st.just(field), keys_.map(tuple)) | st.builds(
        Condition, st.just(field), key, st.sampled_from(operators.split()), values
    )


_NUMBERS = _one("0", "-1.5", "0.5", "1e300", "0.1")
_LASTS = ["loss.last", "loss.min", "loss.max"]
_ORDERS = st.sampled_from([">", ">=", "<", "<="])
CONDITIONS: dict[str, st.SearchStrategy[Any]] = {
    "status": _conditions("status", _several(_value("failed", "canceled", "Running"))),
    "experiment": _conditions("experiment", _several(_value("explore-runs", "explore", "Other"))),
    "compute": _conditions("compute", _several(_value("sdk", "gpu", "gpu-cluster"))),
    "submitter": _conditions("submitter", _several(_value("alice", "BOB", "b"))),
    "parent": _conditions("parent", _several(_value("r0", "r1", "r"))),
    "name": _conditions("name", _several(_value(*NAMES, "first t", "try 50%"))),
    "id": _conditions("id", _several(_value("r0", "r2", "r"))),
    "type": _conditions("type", _several(_value("pipeline", "pipe"))),
    "tag": _rows("tag", [*KEYS, "none"], "= !=", st.just(()) | _several(_value("", *TEXTS, "goo"))),
    "property": _rows("property", [*KEYS, "none"], "= !=", _several(_value(*TEXTS, LONG + "t"))),
    "param": _rows("param", ["lr", "depth"], "= !=", _several(_value(*PARAMETERS, "0.50", "a")))
    | _rows("param", ["lr", "depth", "none"], "> >= < <=", _NUMBERS),
    "metric": _rows("metric", ["loss"], "= !=", _one("0.5", "-1.5", "nan", "inf", "-inf"))
    | _rows("metric", _LASTS, "> >= < <= = !=", _NUMBERS).filter(lambda c: bool(c.operator)),
    "created": st.builds(Condition, st.just("created"), st.just(()), _ORDERS, _one(*STRETCHES))
    | _conditions("created", _one("2026-01-05", "2026-01-05T12:00Z")),
    "duration": st.builds(Condition, st.just("duration"), st.just(()), _ORDERS, _one(*LENGTHS)),
    "log": _conditions(
        "log",
        _several(
            _value(
                "cuda",
                "CUDA out of memory",
                "out of cuda",
                "memory.",
                "do",
                "e",
                "ss",
                "0%_",
                "é木",
                '\\ "',
                "epoch 1: loss 0.5",
                "cuda out of memory. cuda",
                quoted=True,
            )
        ),
    ),
    "is": _conditions("is", _several(st.sampled_from(["child", "archived"]).map(Value))),
}
_TEXT = st.builds(Text, _value(
    "good", "GOO", "0%", "50", "tr", "warm", "explore-r", "bob", "é木", "first try", "Compl",
    "quality", "none of it", quoted=True,
))  # fmt: skip
LEAF: st.SearchStrategy[Node] = st.one_of(_TEXT, *CONDITIONS.values())


@pytest.fixture
def stored(make_run: MakeRun, bob: User, workspace: Any, alice: User) -> Any:
    """Store plain runs, by the actions that anybody uses."""
    workspaces.create_target(workspace, "gpu-cluster", max_runs=1)
    people = {"alice": alice, "bob": bob}

    def store(plain: Plain) -> None:
        by = people[plain.submitter]
        # By a clock that goes back and forth: ids do not tell which run is older.
        with mock.patch.object(timezone, "now", return_value=plain.created):
            run = make_run(
                by=by, run_id=plain.run_id, display_name=plain.name, description=plain.description,
                experiment_name=plain.experiment, target=plain.target, parent_run_id=plain.parent,
                tags=plain.tags, properties=plain.properties,
            )  # fmt: skip
        assert run.created_at == plain.created
        actor = Actor.of_user(by)
        if plain.parameters:
            labels.log_parameters(run, plain.parameters, by=actor)
        rows = [Row(name, value) for name, values in plain.metrics.items() for value in values]
        if rows:
            metrics.append(run, by=actor, session="s", sequence=0, rows=rows)
        for path, lines in plain.logs.items():
            data = "".join(f"{line}\n" for line in lines).encode()
            logs.append(run, by=actor, path=path, session="s", sequence=0, data=data)
        log_documents.write_due(timezone.now(), 60)
        began = plain.created if plain.lasts or plain.seconds is not None else None
        ended = began + timedelta(seconds=plain.seconds) if began and plain.seconds else None
        with transaction.atomic():
            changes.record(run, started_at=began)
            changes.record(
                run,
                status=plain.status.value,
                shelf=Shelf.ARCHIVED if plain.archived else Shelf.LISTED,
                ended_at=began if plain.seconds == 0 else ended,
            )

    return store


def test_every_field_is_among_these_queries() -> None:
    assert CONDITIONS.keys() == FIELDS.keys()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), plain=plain_runs())
def test_the_database_finds_what_looking_at_every_run_finds(
    stored: Any, found: Found, data: st.DataObject, plain: list[Plain]
) -> None:
    for each in plain:
        stored(each)
    try:
        for _ in range(12):
            tree = data.draw(trees(LEAF))
            few = data.draw(st.sampled_from([-1, 0, 1, survey.FEW]))
            with pytest.MonkeyPatch.context() as patch:
                # However many runs are taken for few, the same are found.
                patch.setattr(survey, "FEW", few)
                expected = [run.run_id for run in plain if listed(run, tree)]
                assert found(tree.text()) == expected
    finally:
        Run.objects.order_by("-pk").delete()
        Workspace.objects.update(newest_at=None, disorder=0)
