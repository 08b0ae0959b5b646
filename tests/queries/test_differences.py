"""Two texts beside each other, and two changes as one text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.queries.differences import Kind, compare, merge

LINES = st.lists(st.sampled_from("abcd"), max_size=12).map("\n".join)


def told(before: str, after: str) -> list[str]:
    signs = {Kind.SAME: " ", Kind.GONE: "-", Kind.NEW: "+", Kind.GAP: "…"}
    return [f"{signs[row.kind]}{row.text or row.hidden or ''}" for row in compare(before, after)]


def test_lines_that_differ_stand_beside_each_other() -> None:
    assert told("a\nb\nc", "a\nx\nc") == [" a", "-b", "+x", " c"]
    assert told("a", "a") == ["…1"]
    assert told("", "a") == ["-", "+a"]


def test_what_is_the_same_is_left_out_but_for_three_lines() -> None:
    many = "\n".join(map(str, range(20)))
    assert told(many, many.replace("10", "ten")) == [
        "…7", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13", "…6",
    ]  # fmt: skip


def test_lines_have_their_numbers() -> None:
    rows = compare("a\nb", "x\na\nb")
    assert [(row.before, row.after) for row in rows] == [(None, 1), (1, 2), (2, 3)]


@settings(deadline=None)
@given(LINES, LINES)
def test_a_comparison_has_all_of_both(before: str, after: str) -> None:
    rows = compare(before, after)
    if before != after:
        for kind, text in ((Kind.GONE, before), (Kind.NEW, after)):
            lines = text.split("\n")
            shown = [row.text for row in rows if row.kind in (kind, Kind.SAME)]
            hidden = sum(row.hidden for row in rows)
            assert len(shown) + hidden == len(lines)
            remaining = iter(lines)
            assert all(line in remaining for line in shown)


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ("a\nb\nc\nd", "a\nB\nc\nd", "a\nb\nc\nD", "a\nB\nc\nD"),
        ("a\nb", "a\nb\nmine", "theirs\na\nb", "theirs\na\nb\nmine"),
        ("a\nb\nc", "a\nc", "a\nb\nc", "a\nc"),
        ("a", "b", "b", "b"),
    ],
)
def test_changes_at_different_places_become_one_text(
    base: str, mine: str, theirs: str, merged: str
) -> None:
    done = merge(base, mine, theirs)
    assert (done.text, done.clashes) == (merged, 0)


def test_where_both_changed_the_same_both_stand() -> None:
    done = merge("a\nb\nc", "a\nmine\nc", "a\ntheirs\nc")
    assert (done.text, done.clashes) == ("a\ntheirs\nmine\nc", 1)


@settings(deadline=None)
@given(LINES, LINES, LINES)
def test_a_merge_loses_no_line_that_somebody_wrote(base: str, mine: str, theirs: str) -> None:
    assert merge(base, mine, base).text == mine
    assert merge(base, base, theirs).text == theirs
    merged = merge(base, mine, theirs).text.split("\n")
    known = base.split("\n")
    for line in {*mine.split("\n"), *theirs.split("\n")} - set(known):
        assert line in merged


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\n" * 16_000, "b\na\n" * 16_000),
        ("\n" * 65_000, "a\n" * 32_000),
        ("a\n" * 30_000, "a\n" * 29_000 + "b\n"),
        ("".join(f"{n}\n" for n in range(9_000)), "".join(f"{n * 2}\n" for n in range(9_000))),
        ("a\nb\n" * 16_000, "a\nc\n" * 16_000),
    ],
)
def test_no_two_texts_take_long(before: str, after: str) -> None:
    start = time.process_time()
    compare(before, after)
    merge(before, after, before[::-1])
    assert time.process_time() - start < 3
