"""Metrics and logs arrive exactly once, however often they are sent."""

from __future__ import annotations

import contextlib
import io
import math
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.access import Actor
from runs.actions import files, lifecycle, logs, metrics
from runs.actions.metrics import Row
from runs.actions.refused import Refused
from runs.models import LogFile, Metric, Run, User
from runs.stores import logs as log_store
from runs.stores.metrics import Value, unpack
from studio.contract.errors import Code
from studio.contract.words import MetricKind

LOG = "user_logs/std_log.txt"


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor.of_user(alice)


def values(run: Run, name: str = "loss") -> list[object]:
    chunks = run.metrics.get(name=name).chunks.order_by("number")
    return [point.value for chunk in chunks for point in unpack(bytes(chunk.body))]


def text(run: Run) -> bytes:
    log = LogFile.objects.get(run=run, path=LOG)
    return b"".join(log_store.stream(log))


def test_rows_sent_again_are_stored_once(run: Run, by: Actor) -> None:
    rows = [Row("loss", float(n)) for n in range(10)]
    assert metrics.append(run, by=by, session="s", sequence=0, rows=rows[:6]) == 6
    assert metrics.append(run, by=by, session="s", sequence=0, rows=rows[:6]) == 6
    assert metrics.append(run, by=by, session="s", sequence=4, rows=rows[4:]) == 10
    assert values(run) == [float(n) for n in range(10)]


def test_a_gap_is_refused_with_the_place_to_go_on_from(run: Run, by: Actor) -> None:
    metrics.append(run, by=by, session="s", sequence=0, rows=[Row("loss", 1.0)])
    with pytest.raises(Refused) as refused:
        metrics.append(run, by=by, session="s", sequence=5, rows=[Row("loss", 2.0)])
    assert (refused.value.code, refused.value.extra) == (Code.GAP, {"expected": 1})
    assert values(run) == [1.0]


def test_parameters_come_among_the_rows_of_metrics_and_each_once(run: Run, by: Actor) -> None:
    rows = [Row("lr", "0.01", "parameter"), Row("loss", 1.0), Row("lr", "0.01", "parameter")]
    assert metrics.append(run, by=by, session="s", sequence=0, rows=rows[:2]) == 2
    assert metrics.append(run, by=by, session="s", sequence=0, rows=rows) == 3
    assert Run.objects.get(pk=run.pk).parameters == {"lr": "0.01"}
    assert list(run.metrics.values_list("name", flat=True)) == ["loss"]
    assert run.events.filter(kind="edit").count() == 1


def test_a_parameter_that_would_change_keeps_its_whole_batch_out(run: Run, by: Actor) -> None:
    for rows in (
        [Row("loss", 1.0), Row("lr", "0.01", "parameter"), Row("lr", "0.02", "parameter")],
        [Row("lr", {"a": 1}, "parameter")],
    ):
        with pytest.raises(Refused):
            metrics.append(run, by=by, session="s", sequence=0, rows=rows)
    assert Run.objects.get(pk=run.pk).parameters == {}
    assert not run.metrics.exists()


def test_two_senders_do_not_disturb_each_other(run: Run, by: Actor) -> None:
    metrics.append(run, by=by, session="a", sequence=0, rows=[Row("loss", 1.0)])
    metrics.append(run, by=by, session="b", sequence=0, rows=[Row("loss", 2.0)])
    assert values(run) == [1.0, 2.0]


def test_a_series_goes_on_over_many_chunks(run: Run, by: Actor) -> None:
    for start in range(0, 3000, 600):
        rows = [Row("loss", n, step=n) for n in range(start, start + 600)]
        metrics.append(run, by=by, session="s", sequence=start, rows=rows)
    metric = Metric.objects.get(run=run)
    assert values(run) == list(range(3000))
    assert [c.count for c in metric.chunks.order_by("number")] == [1024, 1024, 952]
    assert (metric.count, metric.low, metric.high, metric.last_number) == (3000, 0, 2999, 2999)


def test_each_value_comes_back_as_it_was_logged(run: Run, by: Actor) -> None:
    sent: list[Value] = [1, 1.0, 2**60, True, "Hello from run!", math.inf, -math.inf, 0.1]
    rows = [Row("loss", value, time=1.5) for value in [*sent, math.nan]]
    metrics.append(run, by=by, session="s", sequence=0, rows=rows)
    back = values(run)
    assert back[:-1] == sent
    assert [type(v) for v in back[:-1]] == [type(v) for v in sent]
    assert isinstance(back[-1], float)
    assert math.isnan(back[-1])
    metric = Metric.objects.get(run=run)
    assert (metric.last_number, metric.last_text) == (None, "nan")


def test_a_metric_keeps_its_kind(run: Run, by: Actor) -> None:
    metrics.append(run, by=by, session="s", sequence=0, rows=[Row("loss", 1.0)])
    rows = [Row("acc", 1.0), Row("loss", {"x": 1.0}, kind=MetricKind.TABLE)]
    with pytest.raises(Refused) as refused:
        metrics.append(run, by=by, session="s", sequence=1, rows=rows)
    assert refused.value.code is Code.WRONG_KIND
    assert not Metric.objects.filter(run=run, name="acc").exists()


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (Row("", 1.0), "rows.0.name"),
        (Row("x" * 256, 1.0), "rows.0.name"),
        (Row("a\0", 1.0), "rows.0.name"),
        (Row("a", "x" * 256), "rows.0.value"),
        (Row("a", 1.0, step=2**63), "rows.0.step"),
        (Row("a", 1.0, time=math.nan), "rows.0.time"),
        (Row("a", 1.0, time=1e300), "rows.0.time"),
    ],
)
def test_a_row_that_cannot_be_stored_is_named(run: Run, by: Actor, row: Row, field: str) -> None:
    with pytest.raises(Refused) as refused:
        metrics.append(run, by=by, session="s", sequence=0, rows=[row])
    assert refused.value.field == field


def test_log_bytes_sent_again_are_stored_once(run: Run, by: Actor) -> None:
    logs.append(run, by=by, path=LOG, session="s", sequence=0, data=b"one\ntw")
    logs.append(run, by=by, path=LOG, session="s", sequence=0, data=b"one\ntw")
    received, log = logs.append(run, by=by, path=LOG, session="s", sequence=4, data=b"two\n")
    assert (received, log.size) == (8, 8)
    assert text(run) == b"one\ntwo\n"
    assert LogFile.objects.get(run=run).lines == 2


def test_bytes_of_a_transaction_that_never_ended_are_not_read(run: Run, by: Actor) -> None:
    logs.append(run, by=by, path=LOG, session="s", sequence=0, data=b"one\n")
    log_store.append(LogFile.objects.get(run=run), b"torn")
    assert text(run) == b"one\n"
    logs.append(run, by=by, path=LOG, session="s", sequence=4, data=b"two\n")
    assert text(run) == b"one\ntwo\n"


PIECES = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), max_size=12)


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(min_size=1, max_size=200), pieces=PIECES)
def test_no_order_of_resends_loses_or_doubles_a_byte(
    run: Run, by: Actor, data: bytes, pieces: list[tuple[int, int]]
) -> None:
    LogFile.objects.filter(run=run).delete()
    run.receipts.all().delete()
    for start, length in [*pieces, *((n, 50) for n in range(0, len(data), 50))]:
        piece = data[start : start + length]
        with contextlib.suppress(Refused):
            logs.append(run, by=by, path=LOG, session="s", sequence=start, data=piece)
    assert text(run) == data


def test_a_run_that_ended_yesterday_takes_no_more_numbers(run: Run, by: Actor) -> None:
    lifecycle.complete(run, by=by)
    metrics.append(run, by=by, session="s", sequence=0, rows=[Row("loss", 1.0)])
    run.ended_at = timezone.now() - timedelta(hours=25)
    with pytest.raises(Refused):
        metrics.append(run, by=by, session="s", sequence=1, rows=[Row("loss", 1.0)])


def test_a_file_is_kept_under_its_name_once(run: Run, by: Actor) -> None:
    put = files.put(run, by=by, path="outputs/model.bin", stream=io.BytesIO(b"one"))
    again = files.put(run, by=by, path="outputs/model.bin", stream=io.BytesIO(b"one"))
    assert (put[1], again[1], put[0].pk) == (True, False, again[0].pk)
    with pytest.raises(Refused) as refused:
        files.put(run, by=by, path="outputs/model.bin", stream=io.BytesIO(b"two"))
    assert refused.value.code is Code.FILE_EXISTS
    file, _ = files.put(
        run, by=by, path="outputs/model.bin", stream=io.BytesIO(b"two"), overwrite=True
    )
    assert file.size == 3
    assert run.files.count() == 1


def test_bytes_that_are_not_those_promised_are_not_kept(run: Run, by: Actor) -> None:
    with pytest.raises(Refused) as refused:
        files.put(run, by=by, path="a", stream=io.BytesIO(b"one"), sha256="0" * 64)
    assert refused.value.code is Code.CHECKSUM
    assert not run.files.exists()


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a\\b", "a\nb", "C:/x", ".", "a/", "\0"],
)
def test_a_path_that_leads_elsewhere_is_refused(run: Run, by: Actor, path: str) -> None:
    with pytest.raises(Refused) as refused:
        files.put(run, by=by, path=path, stream=io.BytesIO(b"one"))
    assert refused.value.field == "path"
