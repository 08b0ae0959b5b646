"""Points survive packing, whatever they are."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from runs.stores.metrics import Point, number_of, pack, unpack

VALUES = st.one_of(
    st.floats(), st.integers(-(2**70), 2**70), st.booleans(), st.text(max_size=9), st.none()
)
STEPS = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))
POINTS = st.lists(st.builds(Point, VALUES, STEPS, st.floats(0, 1e11)), max_size=40)


@given(POINTS)
def test_they_come_back_the_same(points: list[Point]) -> None:
    back = unpack(pack(points))
    assert [repr(point) for point in back] == [repr(point) for point in points]


def test_a_point_takes_25_bytes() -> None:
    points = [Point(n / 7, n, 1e9 + n) for n in range(1024)]
    assert len(pack(points)) < 1024 * 25 + 16


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
