"""What the tab of the code is made of: a tree of very many files, and colours of any text."""

from __future__ import annotations

import re
import time

import pytest

from runs import code_colours
from runs.queries import folders
from runs.queries.folders import Look
from runs.queries.source import SourceFile


def test_a_tree_of_many_files_shows_the_way_to_the_open_one() -> None:
    files = [SourceFile(f"d{n % 300:03}/f{n}.py", "", 1) for n in range(20_000)]
    root = folders.tree(files, Look(chosen="d299/f19799.py")).root
    assert (root.count, root.left) == (20_000, 199)
    assert root.folders["d299"].is_open
    assert "f19799.py" in [leaf.name for leaf in root.folders["d299"].files]
    assert sum(len(each.files) for each in root.folders.values()) < 1_200
    shut = root.folders["d050"]
    assert (shut.is_open, shut.files, shut.left) == (False, [], shut.count)
    whole = folders.tree(files, Look(whole="d050")).root.folders["d050"]
    assert (whole.is_open, whole.left, len(whole.files)) == (True, 0, whole.count)


@pytest.mark.parametrize("text", ["$" * 128_000, "$\n" * 64_000, "((((\n" * 25_000, '"""' * 40_000])
@pytest.mark.parametrize("path", ["a.py", "a.sh", "a.json", "a.yml", "a.sql", "a.toml", "a.ini"])
def test_colours_take_a_bounded_time_of_any_text(text: str, path: str) -> None:
    begin = time.thread_time()
    lines = code_colours.lines(text, path)
    assert time.thread_time() - begin < 2
    told = re.sub("<[^>]*>", "", "\n".join(lines)).replace("&quot;", '"')
    assert told == text


def test_what_turns_the_direction_of_a_text_is_spelled_out() -> None:
    (line,) = code_colours.lines("x = 1 \u202e# y", "a.py")
    assert '<span class="tok-hidden">U+202E</span>' in line
    assert "\u202e" not in line
