"""Runs side by side: which rows there are, what differs, and how far from the baseline."""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import lifecycle, metrics, snapshots
from runs.actions.metrics import Row
from runs.models import Run, User, Workspace
from runs.queries import compare, compare_metrics
from runs.queries.compare import Comparison
from studio.contract.words import MetricKind
from tests.conftest import MakeRun


def log(run: Run, name: str, *values: Any, kind: MetricKind = MetricKind.SCALAR) -> None:
    rows = [Row(name, value, kind, step=step) for step, value in enumerate(values)]
    by = Actor.of_user(run.created_by)
    session = hashlib.sha256(name.encode()).hexdigest()
    metrics.append(run, by=by, session=session, sequence=0, rows=rows)


def with_source(run: Run, files: dict[str, str], *executable: str) -> None:
    by = Actor.of_user(run.created_by)
    shas = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in files.items()}
    told = {
        path: {"sha256": shas[path], "size": len(text.encode()), "executable": path in executable}
        for path, text in files.items()
    }
    snapshot, _ = snapshots.declare(run.workspace, by=by, files=told)
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for sha, text in {shas[path]: text for path, text in files.items()}.items():
            archive.writestr(sha, text)
    body.seek(0)
    snapshots.fill(snapshot, by=by, stream=body)
    snapshots.attach(run, snapshot, by=by)


def compared(*runs: Run, **options: Any) -> Comparison:
    ids = [run.run_id for run in runs]
    by = Actor.of_user(runs[0].created_by)
    found = compare.chosen(by, runs[0].workspace, ids)
    return compare.compare(found.runs, **options)


def rows(found: Comparison, section: str) -> dict[str, tuple[Any, ...]]:
    return {
        row.label: row.values
        for each in found.sections
        if each.name == section
        for row in each.rows
    }


def differing(found: Comparison) -> set[str]:
    return {row.key for each in found.sections for row in each.rows if row.differs}


def test_rows_hold_what_runs_are_and_tell_what_differs(make_run: MakeRun) -> None:
    definition = {"arguments": ["--rate", "0.1 or so"], "environmentVariables": {"A": "1"}}
    one = make_run(
        start=True,
        script_name="train.py",
        definition=definition,
        tags={"quality": "good", "flag": None, "same": "x"},
        properties={"azureml.git.commit": "abc", "author": "alice"},
        parameters={"rate": "0.1", "depth": "3"},
        description="Words.",
    )
    two = make_run(
        start=True,
        script_name="train.py",
        definition={"arguments": "--rate 0.2"},
        tags={"quality": "poor", "flag": "", "same": "x"},
        properties={"mlflow.source.git.commit": "abc"},
        parameters={"rate": "0.2", "depth": "3"},
    )
    lifecycle.fail(two, by=Actor.of_user(two.created_by), error={"message": "Out of luck"})
    found = compared(one, two)
    told = rows(found, "attributes")
    assert told["Status"] == ("Running", "Failed")
    assert told["Error"] == (None, "Out of luck")
    assert told["Script"] == ("train.py", "train.py")
    assert told["Arguments"] == ("--rate '0.1 or so'", "--rate 0.2")
    assert told["Git commit"] == ("abc", "abc")
    assert rows(found, "tags") == {
        "flag": (True, ""), "quality": ("good", "poor"), "same": ("x", "x")
    }  # fmt: skip
    assert rows(found, "parameters") == {"depth": ("3", "3"), "rate": ("0.1", "0.2")}
    assert rows(found, "properties") == {"author": ("alice", None)}
    assert rows(found, "environment") == {"A": ("1", None)}
    assert rows(found, "description") == {"Description": ("Words.", None)}
    assert differing(found) >= {
        "status", "error", "arguments", "tag:quality", "tag:flag", "property:author", "description",
        "param:rate"
    }  # fmt: skip
    assert not differing(found) & {"script", "git_commit", "tag:same", "created", "experiment"}


def test_only_what_differs_is_left_and_the_rest_is_counted(make_run: MakeRun) -> None:
    one, two = (make_run(tags={"same": "x", "other": value}) for value in ("a", "b"))
    everything, part = compared(one, two), compared(one, two, only_differing=True)
    assert rows(part, "tags") == {"other": ("a", "b")}
    assert rows(part, "attributes").keys() == {"Created"}
    (tags,) = [each for each in part.sections if each.name == "tags"]
    assert (tags.equal, tags.differing, tags.left_out) == (1, 1, 0)
    shown = sum(len(each.rows) for each in part.sections)
    assert part.equal == sum(len(each.rows) for each in everything.sections) - shown
    assert part.differing == everything.differing == 1


def test_letters_are_found_in_names_and_values_of_rows(make_run: MakeRun) -> None:
    one = make_run(start=True, tags={"Quality": "x", "other": "a QUALITY value", "third": "z"})
    log(one, "loss", 0.125)
    assert rows(compared(one, find="quality"), "tags").keys() == {"Quality", "other"}
    assert rows(compared(one, find=" 0.125 "), "metrics").keys() == {"loss"}
    assert compared(one, find="nowhere").sections == []


def test_metrics_have_last_least_and_most_unless_one_value_says_it_all(make_run: MakeRun) -> None:
    one, two = make_run(start=True), make_run(start=True)
    log(one, "loss", 3.0, 1.0, 2.0)
    log(two, "loss", 4.0)
    log(one, "f1", 0.5)
    log(two, "f1", math.nan)
    log(one, "word", "first")
    log(one, "system/cpu", 5.0)
    found = compared(one, two)
    assert rows(found, "metrics") == {
        "f1": (0.5, "nan"),
        "loss": (2.0, 4.0),
        "min loss": (1.0, 4.0),
        "max loss": (3.0, 4.0),
        "word": ("first", None),
    }
    assert rows(found, "system") == {"system/cpu": (5.0, None)}
    assert found.measured.curves == ["loss"]


def test_a_delta_is_told_of_numbers_against_the_baseline(make_run: MakeRun) -> None:
    runs = [make_run(start=True) for _ in range(5)]
    for run, value in zip(runs, (-2.0, -1.0, 0.0, math.nan, 1e308), strict=True):
        log(run, "m", value)
    found = compared(*runs)
    (row,) = [r for s in found.sections for r in s.rows if r.key == "metric:m"]
    near = compare.delta(row, 1, 0)
    assert near is not None
    assert (near.difference, near.percent) == (1.0, 50.0)
    assert compare.delta(row, 0, 0) is None
    assert compare.delta(row, 3, 0) is None
    of_nothing = compare.delta(row, 0, 2)
    assert of_nothing is not None
    assert (of_nothing.difference, of_nothing.percent) == (-2.0, None)
    log(runs[0], "far", -1.7e308)
    log(runs[1], "far", 1.7e308)
    far = next(r for s in compared(*runs).sections for r in s.rows if r.key == "metric:far")
    assert compare.delta(far, 1, 0) is None


def test_files_are_told_apart_by_content_and_a_run_without_source_is_no_difference(
    make_run: MakeRun,
) -> None:
    one, two, bare = (make_run(start=True) for _ in range(3))
    with_source(one, {"a.py": "1", "b.py": "2", "c.sh": "3"})
    with_source(two, {"a.py": "1", "b.py": "two", "c.sh": "3", "d.py": "4"}, "c.sh")
    found = compared(one, two, bare)
    told = rows(found, "files")
    assert list(told) == ["b.py", "c.sh", "d.py", "a.py"]
    assert differing(found) >= {"file:b.py", "file:c.sh", "file:d.py"}
    assert "file:a.py" not in differing(found)
    assert told["a.py"][2] is None
    assert told["d.py"][0] is None
    assert rows(compared(one, bare), "files").keys() == {"a.py", "b.py", "c.sh"}
    assert not any(key.startswith("file:") for key in differing(compared(one, bare)))


def test_the_last_image_of_each_run_is_found(make_run: MakeRun) -> None:
    one, two = make_run(start=True), make_run(start=True)
    log(one, "plot", "a.png", "b.png", kind=MetricKind.IMAGE)
    long = "folder/" * 60 + "c.png"
    log(two, "other", long, kind=MetricKind.IMAGE)
    found = compared(one, two)
    assert rows(found, "metrics") == {}
    pictures = compare_metrics.images(found.runs, found.measured.pictures)
    image, nothing = pictures["plot"]
    assert image is not None
    assert (image.path, image.step, image.count, nothing) == ("b.png", 1, 2, None)
    assert [each and each.path for each in pictures["other"]] == [None, long]


def test_a_section_says_how_many_rows_it_leaves_out(make_run: MakeRun) -> None:
    one = make_run(tags={f"tag {n}": "x" for n in range(9)})
    (tags,) = [each for each in compared(one, most=4).sections if each.name == "tags"]
    assert (len(tags.rows), tags.left_out, tags.equal) == (4, 5, 0)


def test_runs_of_others_are_missing_like_those_that_are_not_there(
    workspace: Workspace, alice: User, charlie: User, other_workspace: Workspace, make_run: MakeRun
) -> None:
    make_run(run_id="mine")
    make_run(run_id="theirs", by=charlie, inside=other_workspace)
    asked = ["theirs", "mine", "nowhere", "a b", "\0", "mine" * 100]
    found = compare.chosen(Actor.of_user(alice), workspace, asked)
    assert [run.run_id for run in found.runs] == ["mine"]
    assert found.missing == ["theirs", "nowhere", "a b", "\0", "mine" * 100]


@pytest.mark.parametrize(
    ("text", "ids", "twice"),
    [
        ("", [], []),
        (" , ,", [], []),
        ("a", ["a"], []),
        ("b, a,b,c,a", ["b", "a", "c"], ["b", "a"]),
    ],
)
def test_ids_are_divided_by_commas_and_each_counts_once(
    text: str, ids: list[str], twice: list[str]
) -> None:
    assert compare.ids_of(text) == (ids, twice)


def test_as_many_questions_are_asked_for_many_runs_as_for_few(make_run: MakeRun) -> None:
    def made(number: int) -> Run:
        run = make_run(start=True, tags={f"tag {n}": str(number) for n in range(number)})
        for n in range(number):
            log(run, f"metric {n}", 1.0, float(number))
        log(run, "plot", "a.png", kind=MetricKind.IMAGE)
        with_source(run, {"a.py": str(number)})
        return run

    runs = [made(number) for number in range(1, 21)]

    def asked(count: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            found = compared(*runs[:count])
            compare_metrics.images(found.runs, found.measured.pictures)
        return len(queries)

    assert asked(2) == asked(20) == 4
