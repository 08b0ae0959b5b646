"""When the bytes of a log arrived: true at every place, small, and no fault when it is missing or torn."""

from __future__ import annotations

from pathlib import Path

import pytest

from runs.stores import arrivals
from runs.stores.arrivals import Arrivals

DAY = 86_400_000


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def noted(log: Path, *pairs: tuple[int, int]) -> Path:
    for size, moment in pairs:
        Arrivals(log, size=size).note(moment)
    return log.with_name("log.times")


def test_bytes_have_the_time_of_the_piece_they_came_in(log: Path) -> None:
    noted(log, (0, 1_000), (10, 2_000), (30, 5_000))
    found = Arrivals(log, size=99).of([0, 9, 10, 11, 29, 30, 98])
    assert found == [1_000, 1_000, 2_000, 2_000, 2_000, 5_000, 5_000]
    assert Arrivals(log, size=99).of([29]) == [2_000]
    assert Arrivals(log, size=99).of([]) == []


def test_what_came_before_the_first_note_has_no_time(log: Path) -> None:
    assert Arrivals(log, size=50).of([1, 2]) == [None, None]
    noted(log, (40, 7_000))
    assert Arrivals(log, size=50).of([1, 39, 40]) == [None, None, 7_000]


def test_pieces_that_come_close_together_share_a_time(log: Path) -> None:
    path = noted(log, *((n, 1_000 + n) for n in range(1_000)))
    assert path.stat().st_size == 5 * 16
    assert Arrivals(log, size=1_000).of([199, 200, 999]) == [1_000, 1_200, 1_800]


def test_a_log_that_grows_for_long_is_dated_in_proportion(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "_PART_OF_AGE", 100)
    path = noted(log, *((n, n * 200) for n in range(20_000)))
    assert path.stat().st_size < 700 * 16
    for place in range(0, 20_000, 333):
        (found,) = Arrivals(log, size=20_000).of([place])
        assert found is not None
        assert 0 <= place * 200 - found <= max(200, place * 200 / 99)


def test_what_was_never_committed_has_left_no_time(log: Path) -> None:
    path = noted(log, (0, 1_000), (10, 2_000), (10, 9_000))
    assert Arrivals(log, size=99).of([9, 10]) == [1_000, 9_000]
    # Nor does it stay behind where the next piece shares the time before it.
    noted(log, (20, 20_000), (20, 9_100))
    assert path.stat().st_size == 2 * 16


def test_a_note_that_is_torn_is_none(log: Path) -> None:
    path = noted(log, (0, 1_000), (10, 2_000))
    path.write_bytes(path.read_bytes()[:-5])
    assert Arrivals(log, size=99).of([5, 50]) == [1_000, 1_000]
    noted(log, (60, 6_000))
    assert Arrivals(log, size=99).of([5, 60]) == [1_000, 6_000]


def test_a_clock_that_was_put_back_is_believed(log: Path) -> None:
    noted(log, (0, DAY), (10, 1_000), (20, 2_000))
    assert Arrivals(log, size=99).of([0, 10, 20]) == [DAY, 1_000, 2_000]
