"""What a terminal would draw, as HTML that can do nothing."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest

from runs import ansi


def look(line: bytes) -> str:
    """Return the classes of the word in a line."""
    found = re.search('<span class="([^"]*)">word</span>', ansi.line_to_html(line))
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("codes", "classes"),
    [
        ("31", "ansi-red"),
        ("91", "ansi-red"),
        ("1;32", "ansi-bold ansi-green"),
        ("3;4;2", "ansi-italic ansi-underline ansi-dim"),
        ("41", "ansi-on-red"),
        ("102;30", "ansi-on-green ansi-black"),
        ("38;5;9", "ansi-red"),
        ("38;5;208", "ansi-red"),
        ("38;5;21", "ansi-blue"),
        ("38;5;244", "ansi-white"),
        ("38;5;232", "ansi-black"),
        ("48;5;46", "ansi-on-green"),
        ("38;2;255;255;0", "ansi-yellow"),
        ("38:2:0:200:200", "ansi-cyan"),
        ("38;2;10;20;15", "ansi-black"),
        ("38;5;9;1", "ansi-red ansi-bold"),
        ("38", ""),
        ("38;5", ""),
        ("31;39", ""),
        ("41;49", ""),
        ("1;22", ""),
        ("31;0", ""),
        ("31;", ""),
        ("99999999999", ""),
    ],
)
def test_colours_and_styles_are_classes(codes: str, classes: str) -> None:
    assert look(f"\x1b[{codes}mword".encode()) == classes


@pytest.mark.parametrize(
    "line",
    [
        b"\x1b]0;title\x07word",
        b"\x1b]8;;http://x\x1b\\word",
        b"\x1b[2K\x1b[1Aword",
        b"\x1bMword",
        b"wo\x00\x08rd",
        b"\x1b[?25lword\x1b[?25h",
        b"first\r\x1b[Kword\r",
    ],
)
def test_what_only_a_terminal_understands_is_left_out(line: bytes) -> None:
    assert ansi.line_to_html(line) == "word"
    assert ansi.shown_text(line) == "word"


@pytest.mark.parametrize(
    "line",
    [
        b"<script>\x1b[31m&\x1b[0m",
        "\x1b[1mä\U0001f600\xff".encode(),
        b"\xff\xfe",
        b"\x1b",
        b"\x1b[",
        b"\x1b[31",
        b"1 %\r2 %\x1b[32m!\r",
    ],
)
def test_the_text_of_the_html_is_the_text_that_is_searched(line: bytes) -> None:
    text = unescape(re.sub("<[^>]*>", "", ansi.line_to_html(line)))
    assert text == ansi.shown_text(line)
    assert "<script" not in ansi.line_to_html(line)


def test_sequences_leave_ends_of_lines_alone() -> None:
    data = b"\x1b[31ma\x1b[0m\n\x1b]0;open\nb\r\x1b[Kc\n"
    clean = ansi.without_sequences(data)
    assert clean.count(b"\n") == data.count(b"\n")
    assert clean.startswith(b"a\n")
    assert clean.endswith(b"b\rc\n")


@pytest.mark.parametrize("line", [b"\x1b[" * 100_000, b"\x1b]" * 100_000, b"\x1b[3" * 100_000])
def test_half_a_sequence_many_times_takes_no_time(line: bytes) -> None:
    began = time.perf_counter()
    ansi.without_sequences(line)
    ansi.line_to_html(line)
    assert time.perf_counter() - began < 2
