"""What ``log:`` finds of a log: a short one whole, of a long one ends, errors and each kind of line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.access import Actor
from runs.actions import deletion, lifecycle, log_documents
from runs.models import LogDocument, LogFile, LogIndex, Run, User
from runs.queries import search
from runs.stores import log_digest
from studio.contract import places
from tests.conftest import AddLog, MakeRun

Find = Callable[[str], list[str]]


@pytest.fixture
def find() -> Find:
    """Return the ids of the runs that have a text in a log; by both ways."""

    def ids(text: str) -> list[str]:
        ways = search.logged([text])
        found = list(
            Run.objects.filter(ways.by_run).order_by("pk").values_list("run_id", flat=True)
        )
        rows = Run.objects.filter(pk__in=ways.ids[0]).order_by("pk")
        assert list(rows.values_list("run_id", flat=True)) == found
        return found

    return ids


def epochs(count: int) -> str:
    return "".join(f"epoch {n}: loss {1 / (n + 1):.6f} in {n % 7} s\n" for n in range(count))


def lines(log: LogFile) -> dict[int, str]:
    document = LogDocument.objects.get(pk=log.pk)
    return {document.number(at): line for at, line in enumerate(document.lines)}


def test_a_short_log_is_found_by_each_of_its_lines(
    make_run: MakeRun, add_log: AddLog, find: Find
) -> None:
    add_log(
        make_run(run_id="a"), "first\n\n\x1b[31mCUDA\x1b[0m out of memory\nlast, without an end"
    )
    add_log(make_run(run_id="b"), "CUDA is there\n")
    assert find("cuda OUT of memory") == ["a"]
    assert find("CUDA") == ["a", "b"]
    assert find("without an end") == ["a"]
    assert find("first cuda") == []
    assert lines(LogFile.objects.get(run__run_id="a")) == {
        1: "first",
        3: "cuda out of memory",
        4: "last, without an end",
    }


def test_of_a_long_log_one_line_of_each_kind_and_every_error_is_found(
    run: Run, add_log: AddLog, find: Find
) -> None:
    middle = (
        "the scheduler took a nap\n",
        "ValueError: bad batch 17\n",
        "ValueError: bad batch 18\n",
    )
    whole = f"{epochs(40_000)}{''.join(middle)}{epochs(40_000)}"
    log = add_log(run, whole)
    assert log.is_searched
    told = lines(log)
    numbered = dict(enumerate(whole.splitlines(), 1))
    assert {number: numbered[number].lower() for number in told} == told
    assert told[40_001] == "the scheduler took a nap"
    assert told[40_002] == "valueerror: bad batch 17"
    # Of its kind the first: they differ in a number only.
    assert 40_003 not in told
    assert {1, 2, 3, log.lines - 1, log.lines} < told.keys()
    assert len(LogDocument.objects.get().text) < 3 * log_digest.ENDS
    assert find("took a nap") == [run.run_id]
    assert find("epoch 30000:") == []


def test_errors_have_room_however_many_kinds_of_lines_there_are(
    run: Run, add_log: AddLog, find: Find
) -> None:
    words = "".join(f"{'abcdefghij'[n % 10]}{chr(97 + n // 10 % 26)}{chr(97 + n // 260)} " * 30 + "\n"
                    for n in range(3_000))  # fmt: skip
    add_log(run, f"{words}Killed\ntorch.OutOfMemoryError: CUDA out of memory\n{words}")
    assert find("OutOfMemoryError") == [run.run_id]
    assert len(LogDocument.objects.get().text) < 2 * log_digest.ENDS + log_digest.KINDS + 20_000


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_log_read_in_steps_is_known_as_one_read_at_once(
    make_run: MakeRun, add_log: AddLog, data: st.DataObject
) -> None:
    line = st.sampled_from(
        [b"step 1", b"step 22", b"", b"Error: x", b"bar 1\rbar 2", b"\xc3\xa9" * 99]
    )
    whole = b"".join(text + b"\n" for text in data.draw(st.lists(line, min_size=20, max_size=200)))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=4)))
    with pytest.MonkeyPatch.context() as patch:
        for name, size in {"ENDS": 200, "PIECE": 256, "AT_ONCE": 300}.items():
            patch.setattr(log_digest, name, size)
        grown, at_once = make_run(), make_run()
        for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
            log = add_log(grown, whole[start:end])
        told, expected = lines(log), lines(add_log(at_once, whole))
    assert told == expected
    rows = dict(enumerate(whole.decode().split("\n"), 1))
    assert {n: rows[n].rpartition("\r")[2].casefold() for n in told} == told


def test_whoever_appends_asks_the_database_no_more_than_to_store_it(
    run: Run, add_log: AddLog
) -> None:
    add_log(run, "first\n")
    with CaptureQueriesContext(connection) as asked:
        add_log(run, "second\n", is_searched=False)
    assert not any("logdocument" in each["sql"] for each in asked.captured_queries)


def test_the_worker_reads_what_is_new_and_what_grows_now_and_then(
    run: Run, alice: User, add_log: AddLog, find: Find
) -> None:
    now = timezone.now()
    log = add_log(run, "first\n", is_searched=False)
    assert log_documents.write_due(now, 5) is False
    assert find("first") == [run.run_id]
    add_log(run, "second\n", is_searched=False)
    log_documents.write_due(now + log_documents.EVERY - timedelta(seconds=1), 5)
    assert find("second") == []
    log_documents.write_due(now + log_documents.EVERY + timedelta(seconds=1), 5)
    assert find("second") == [run.run_id]
    # What comes late, of a run that has ended, is not waited for.
    lifecycle.complete(run, by=Actor.of_user(alice))
    add_log(run, "third\n", is_searched=False)
    log_documents.write_due(now + log_documents.EVERY + timedelta(seconds=2), 5)
    assert find("third") == [run.run_id]
    log.refresh_from_db()
    assert log.is_searched


def test_more_logs_than_one_slice_of_work_are_gone_on_with(
    make_run: MakeRun, add_log: AddLog
) -> None:
    for _ in range(3):
        add_log(make_run(), "text\n", is_searched=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_documents, "_AT_ONCE", 2)
        assert log_documents.write_due(timezone.now(), 5) is True
        assert log_documents.write_due(timezone.now(), 5) is False
    assert LogDocument.objects.count() == 3


def test_what_no_script_has_written_is_not_searched(run: Run, add_log: AddLog, find: Find) -> None:
    add_log(run, "journal of the runner\n", places.RUNNER_LOG)
    add_log(run, b"events\0\1\2", "logs/events.tfevents")
    add_log(run, "of the script\n", "logs/rank-1.txt")
    assert find("journal") == find("events") == []
    assert find("of the script") == [run.run_id]
    assert not LogFile.objects.filter(is_searched=False).exists()


def test_of_very_many_logs_the_first_are_searched(run: Run, add_log: AddLog, find: Find) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_documents, "MOST_LOGS", 2)
        for name in ("one", "two", "three"):
            add_log(run, f"rank {name}\n", f"logs/{name}.txt")
    assert find("rank two") == [run.run_id]
    assert find("rank three") == []


def test_a_run_that_is_gone_leaves_nothing_to_find(
    run: Run, alice: User, add_log: AddLog, find: Find
) -> None:
    by = Actor.of_user(alice)
    log = add_log(run, "secret of a run\n")
    lifecycle.complete(run, by=by)
    deletion.delete(run, by=by)
    deletion.purge(run, by=by)
    assert find("secret") == []
    assert not LogDocument.objects.exists()
    if connection.vendor == "sqlite":
        assert not LogIndex.objects.filter(table__matches='"sec"').exists()
    # A worker that was just reading it writes nothing.
    log_documents.write(log, timezone.now())
    assert not LogDocument.objects.exists()


@pytest.mark.parametrize("text", ['"', "'", "%", "a\\b", "*", "x" * 1_500, "é木", "AND OR NOT"])
def test_any_text_can_be_sought(
    make_run: MakeRun, run: Run, add_log: AddLog, find: Find, text: str
) -> None:
    add_log(make_run(), "before and behind\n")
    add_log(run, f"before {text[:900]} behind\n")
    assert find(f"before {text[:900]} behind") == [run.run_id]
