"""Tables for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from studio.cli import tables
from studio.cli import terminal as looks
from studio.sdk import Experiment
from tests.cli.conftest import Cli, Terminal


@pytest.fixture
def run(experiment: Experiment) -> None:
    tags = {"quality": "fantastic run", "look": None}
    experiment.start_logging(
        snapshot_directory=None, outputs=False, run_id="r1", display_name="best", tags=tags
    ).complete()


@pytest.mark.usefixtures("run")
def test_runs_are_listed_with_what_a_person_asks_first(cli: Cli) -> None:
    head, rule, row = cli("run", "list", "-o", "table")[1].splitlines()
    assert head.split("  ")[0] == "Run"
    headings = ["Display name", "Experiment", "Status", "Created", "Duration", "Tags", "Run id"]
    places = [head.index(heading) for heading in headings]
    assert places == sorted(places)
    assert set(rule) == {"-", " "}
    assert row.startswith("1    best          explore-runs  Completed  20")
    assert row.endswith(" s     quality=fantastic run, look  r1")


@pytest.mark.usefixtures("run")
def test_a_query_that_leaves_whole_runs_gives_the_same_table(cli: Cli) -> None:
    whole = cli("run", "list", "-o", "table")
    assert cli("run", "list", "-o", "table", "--query", "[?tags.quality]") == whole
    assert cli("run", "list", "-o", "table", "--query", "[?tags.missing]")[1] == ""


@pytest.mark.usefixtures("run")
def test_one_run_has_a_line_for_each_thing_that_is_known(cli: Cli) -> None:
    shown = cli("run", "show", "-r", "r1", "-o", "table")[1]
    told = dict(line.split(maxsplit=1) for line in shown.splitlines() if line[:3] != "Run")
    assert told["Status"] == "Completed"
    assert told["Submitted"] == "by  alice"
    assert told["Tags"] == "quality=fantastic run, look"
    # Nothing is said of what there is nothing to say of.
    assert "Error" not in told


@pytest.mark.usefixtures("run")
def test_experiments_have_a_table_too(cli: Cli) -> None:
    head, _, row = cli("experiment", "list", "-o", "table")[1].splitlines()
    assert head.split() == ["Name", "Created", "Archived", "Tags", "Description"]
    assert row.startswith("explore-runs  20")


def row(**values: Any) -> dict[str, Any]:
    return {
        "runId": "a-run-id-that-is-never-cut-since-somebody-will-copy-it",
        "name": "n" * 100,
        "tags": {"t" * 50: "v" * 50},
        **values,
    }


def test_a_terminal_cuts_what_may_be_cut_and_no_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "is_terminal", lambda stream: True)
    monkeypatch.setattr(looks, "width", lambda stream: 90)
    monkeypatch.setenv("NO_COLOR", "1")
    lines = tables.table([row()]).splitlines()
    assert max(map(len, lines)) <= 90
    assert row()["runId"] in lines[2]
    assert lines[2].count("…") == 2


def test_a_narrow_terminal_shows_all_but_the_id_and_says_where_it_is(
    experiment: Experiment, terminal: Callable[..., Terminal]
) -> None:
    run_id = f"{'i' * 60}-1"
    experiment.start_logging(snapshot_directory=None, outputs=False, run_id=run_id)
    narrow = terminal("run", "list", "-o", "table", NO_COLOR="1")
    assert narrow.end() == 0
    hint, head, _, line = narrow.shown.splitlines()
    assert "--query [].runId" in hint
    assert head.split()[-1] == "Tags"
    assert run_id not in line
    assert len(line) <= 80


def test_colours_follow_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "is_terminal", lambda stream: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    drawn = tables.table([{"name": "Failed", "status": "Failed"}])
    assert drawn.splitlines()[2] == "Failed  \x1b[31mFailed\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in tables.table([{"name": "Failed", "status": "Failed"}])


def test_wide_letters_keep_the_columns_straight() -> None:
    drawn = tables.table([{"a": "日本", "b": "x"}, {"a": "Zürich", "b": "y"}])
    assert drawn.splitlines()[2:] == ["日本    x", "Zürich  y"]
    assert looks.cut("日本日本", 5) == "日本…"


def test_nothing_that_somebody_has_written_can_steer_a_terminal() -> None:
    drawn = tables.table([{"name": "a\x1b]0;gone\x07b\nc\x9b2J"}])
    assert drawn.splitlines()[2] == "a\\x1b]0;gone\\x07b\\nc\\x9b2J"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""), (-1, "0.0 s"), (0.42, "0.4 s"), (59.9, "59 s"), (192, "3 m 12 s"),
        (18_120, "5 h 2 m"), (273_600, "3 d 4 h"),
    ],
)  # fmt: skip
def test_a_duration_reads_as_on_the_pages(seconds: float | None, said: str) -> None:
    assert tables.span(seconds) == said


def test_a_time_is_that_of_this_machine() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert tables.moment("2026-03-01T12:00:00.000000Z") == f"{noon.astimezone():%Y-%m-%d %H:%M}"
    assert tables.moment(None) == ""
