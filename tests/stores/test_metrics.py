"""Points survive packing, whatever they are."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from runs.stores.metrics import Point, Stretch, joined, number_of, pack, unpack

VALUES = st.one_of(
    st.floats(), st.integers(-(2**70), 2**70), st.booleans(), st.text(max_size=9), st.none()
)
STEPS = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))
POINTS = st.lists(st.builds(Point, VALUES, STEPS, st.floats(0, 1e11)), max_size=40)


def stretch(points: list[Point]) -> Stretch:
    """Return points as columns."""
    return Stretch([p.value for p in points], [p.step for p in points], [p.time for p in points])


@given(POINTS)
def test_they_come_back_the_same(points: list[Point]) -> None:
    back = unpack(pack(stretch(points)))
    assert [repr(point) for point in back] == [repr(point) for point in points]


@given(POINTS, POINTS)
def test_two_chunks_become_one_as_if_packed_together(one: list[Point], two: list[Point]) -> None:
    assert joined(pack(stretch(one)), pack(stretch(two))) == pack(stretch(one + two))


@given(POINTS)
def test_the_numbers_of_a_stretch_are_those_of_its_points(points: list[Point]) -> None:
    found = list(stretch(points).numbers())
    assert found == [n for point in points if (n := number_of(point.value)) is not None]


def test_a_point_takes_25_bytes() -> None:
    points = [Point(n / 7, n, 1e9 + n) for n in range(1024)]
    assert len(pack(stretch(points))) < 1024 * 25 + 16


def test_only_finite_numbers_are_on_a_scale() -> None:
    assert [number_of(v) for v in (1, True, 0.5, "1", None, math.nan, math.inf, 10**400)] == [
        1,
        1,
        0.5,
        None,
        None,
        None,
        None,
        None,
    ]
