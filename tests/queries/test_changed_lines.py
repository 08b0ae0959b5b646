"""The difference of lines is the shortest one, and stays quick for lines that come often."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runs.queries.changed_lines import difference

LINES = st.lists(st.sampled_from("abc"), max_size=12)


def common(old: list[str], new: list[str]) -> int:
    """Return how many lines both have in the same order."""
    above = [0] * (len(new) + 1)
    for one in old:
        row = [0]
        for place, two in enumerate(new):
            row.append(above[place] + 1 if one == two else max(above[place + 1], row[-1]))
        above = row
    return above[-1]


@given(LINES, LINES)
def test_it_is_the_shortest_difference(old: list[str], new: list[str]) -> None:
    told = difference(old, new)
    kept = common(old, new)
    assert (told.removed, told.added) == (len(old) - kept, len(new) - kept)
    for line in told.lines:
        if line.before is not None:
            assert old[line.before - 1] == line.text
        if line.after is not None:
            assert new[line.after - 1] == line.text


def test_lines_that_come_often_are_found_again_behind_a_change() -> None:
    old = ["step"] * 1_000 + ["one"] + ["step"] * 999
    new = ["step"] * 1_000 + ["two", "three"] + ["step"] * 998
    told = difference(old, new)
    assert (told.added, told.removed, told.changed) == (2, 2, 2)
    assert [line.text for line in told.lines if line.sign in "+-"][:2] == ["one", "two"]


def test_what_has_nothing_in_common_is_told_as_well() -> None:
    told = difference([f"a{n}" for n in range(2_000)], [f"b{n}" for n in range(2_000)])
    assert (told.added, told.removed) == (2_000, 2_000)


def test_other_lines_are_shown_than_compared_with_their_own_numbers() -> None:
    told = difference(["x", "a"], ["x", "b"], seen=(["X1", "A"], ["X2", "B"]), first=(11, 101))
    assert [(line.sign, line.before, line.after, line.text) for line in told.lines] == [
        ("@", None, None, "lines 11–12 and 101–102"),
        (" ", 11, 101, "X1"),
        ("-", 12, None, "A"),
        ("+", None, 102, "B"),
    ]
