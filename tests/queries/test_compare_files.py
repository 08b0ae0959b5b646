"""How a source file of one run differs from that of another."""

from __future__ import annotations

from runs.models import Run
from runs.queries import compare_files
from tests.conftest import MakeRun
from tests.queries.test_compare import with_source


def test_a_difference_of_files_has_numbered_lines(run: Run, make_run: MakeRun) -> None:
    lines = [f"line {n}" for n in range(1, 31)]
    after = [*lines[:14], "changed", *lines[15:], "new"]
    other = make_run(start=True)
    with_source(run, {"a.py": "\n".join(lines), "gone.py": "x\ny"})
    with_source(other, {"a.py": "\n".join(after)})
    place = run.workspace_id
    before, now = (compare_files.file_of(each, "a.py") for each in (run, other))
    told = compare_files.difference(place, before, now)
    assert (told.added, told.removed, told.problem) == (2, 1, "")
    changed = [(line.sign, line.before, line.after, line.text) for line in told.lines]
    assert ("-", 15, None, "line 15") in changed
    assert ("+", None, 15, "changed") in changed
    assert changed[-1] == ("+", None, 31, "new")
    assert [line.text for line in told.lines if line.sign == "@"] == [
        "lines 12–18 and 12–18", "lines 28–30 and 28–31"
    ]  # fmt: skip
    gone = compare_files.difference(place, compare_files.file_of(run, "gone.py"), None)
    assert (gone.added, gone.removed) == (0, 2)
    assert compare_files.file_of(other, "gone.py") is None


def test_what_no_line_can_be_told_of_is_said(run: Run) -> None:
    with_source(run, {"bytes": "a\0b", "long": "\n" * 6_000, "large": "x" * 600_000, "a": "b"})
    place = run.workspace_id
    files = {name: compare_files.file_of(run, name) for name in ("bytes", "long", "large", "a")}
    problems = {
        name: compare_files.difference(place, files["a"], file).problem
        for name, file in files.items()
    }
    assert problems == {
        "bytes": "It is no text, or its content is gone.",
        "long": "It has more than 5,000 lines.",
        "large": "It has more than 512 kB.",
        "a": "",
    }
    lost = compare_files.File("0" * 64, 5, False)
    assert compare_files.difference(place, files["a"], lost).problem == problems["bytes"]
