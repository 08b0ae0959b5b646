"""``studio run …``"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.sdk import Experiment, Run
from tests.cli.conftest import Cli

Result = Callable[..., Any]


def start(experiment: Experiment, run_id: str, **options: Any) -> Run:
    return experiment.start_logging(
        snapshot_directory=None, outputs=False, run_id=run_id, **options
    )


@pytest.fixture
def runs(experiment: Experiment) -> dict[str, Run]:
    good = start(experiment, "good", tags={"quality": "fantastic run", "worth another look": None})
    good.add_properties({"author": "azureml-user"})
    poor = start(experiment, "poor", tags={"quality": "poor"})
    bare = start(experiment, "bare")
    return {"good": good, "poor": poor, "bare": bare}


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [run["runId"] for run in found]


def test_the_newest_ten_are_listed(runs: dict[str, Run], result: Result) -> None:
    assert ids(result("run", "list")) == ["bare", "poor", "good"]
    assert ids(result("run", "list", "--last", "1")) == ["bare"]
    minimal = result("run", "list", "--minimal", "--last", "1")[0]
    assert list(minimal) == [
        "runId",
        "runType",
        "status",
        "startTimeUtc",
        "endTimeUtc",
        "target",
        "tags",
    ]


def test_tags_and_status_narrow_the_list(runs: dict[str, Run], result: Result) -> None:
    runs["poor"].cancel()
    for word in ("Canceled", "canceled"):
        assert ids(result("run", "list", "--status", word)) == ["poor"]
    assert ids(result("run", "list", "--tags", "quality")) == ["poor", "good"]
    asked = ("run", "list", "--tags", "quality=fantastic run", "worth another look")
    assert ids(result(*asked)) == ["good"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("[?properties.author=='azureml-user'].runId", ["good"]),
        ("[?tags.keys(@)[?starts_with(@, 'worth another look')]].runId", ["good"]),
        (
            "[?properties.author=='azureml-user' && tags.quality=='fantastic run'].runId",
            ["good"],
        ),
    ],
)
def test_the_queries_of_the_article_work_on_runs_with_and_without_tags(
    runs: dict[str, Run], result: Result, query: str, expected: list[str]
) -> None:
    assert result("run", "list", "--query", query) == expected


def test_a_run_is_found_by_its_id_alone_and_nothing_is_made(
    runs: dict[str, Run], experiment: Experiment, result: Result, cli: Cli
) -> None:
    assert result("run", "show", "-r", "good")["tags"] == runs["good"].get_tags()
    code, out, err = cli("run", "show", "-r", "nobody")
    assert (code, out) == (3, "")
    assert 'no run "nobody"' in err
    cli("run", "list", "-e", "never-made")
    assert list(experiment.workspace.experiments) == ["explore-runs"]


def test_what_people_write_can_be_changed(runs: dict[str, Run], result: Result) -> None:
    told = result(
        "run", "update", "-r", "bare", "--add-tag", "a=b=c", "look", "--display-name", "best",
        "--description", "*why*",
    )  # fmt: skip
    assert told["tags"] == {"a": "b=c", "look": None}
    assert (told["displayName"], told["description"]) == ("best", "*why*")
    assert result("run", "update", "-r", "bare", "--remove-tag", "a")["tags"] == {"look": None}


def test_a_change_is_checked_before_anything_is_changed(runs: dict[str, Run], cli: Cli) -> None:
    for words, said in (
        ((), "nothing to change"),
        (("--add-tag", "fine", "=x"), '"=x" is no tag'),
        (("--add-tag", "a=b", "--remove-tag", "a"), "to be added and removed"),
        (("--add-tag", "a", "--add-parameter", "lr"), '"lr" is no parameter; it is KEY=VALUE'),
    ):
        code, out, err = cli("run", "update", "-r", "bare", *words)
        assert (code, out, said in err) == (2, "", True)
    assert runs["bare"].get_tags() == {}


def test_parameters_are_added_and_shown(runs: dict[str, Run], result: Result, cli: Cli) -> None:
    asked = ("run", "update", "-r", "bare", "--add-parameter")
    told = result(*asked, "lr=0.01", "rule=a=b", "note=")
    assert told["parameters"] == {"lr": "0.01", "rule": "a=b", "note": ""}
    code, out, err = cli(*asked, "lr=0.02")
    assert (code, out) == (2, "")
    assert 'Parameter "lr" is "0.01" and cannot become "0.02"' in err
    assert "Parameters" in cli("run", "show", "-r", "bare", "-o", "table")[1]
    assert result("run", "list", "--filter", "param:lr<=1e-2", "--query", "[].runId") == ["bare"]


def test_tags_may_be_given_in_one_go_or_one_by_one(runs: dict[str, Run], result: Result) -> None:
    asked = ("run", "update", "-r", "bare", "--add-tag", "a", "b=", "--add-tag", "c=1")
    assert result(*asked)["tags"] == {"a": None, "b": "", "c": "1"}
    asked = ("run", "update", "-r", "bare", "--remove-tag", "a", "b", "--remove-tag", "unknown")
    assert result(*asked)["tags"] == {"c": "1"}


def test_cancel_stops_a_run(runs: dict[str, Run], cli: Cli) -> None:
    assert cli("run", "cancel", "-r", "poor")[:2] == (0, "The run poor is Canceled.\n")
    assert runs["poor"].get_status() == "Canceled"
    assert cli("run", "cancel", "-r", "poor", "-o", "json", "--query", "status")[:2] == (
        0, '"Canceled"\n',
    )  # fmt: skip
    runs["good"].complete()
    code, out, err = cli("run", "cancel", "-r", "good")
    assert (code, out, "nothing to cancel" in err) == (2, "", True)


def test_every_command_about_a_run_says_the_same_of_it(
    runs: dict[str, Run], result: Result
) -> None:
    runs["bare"].complete()
    shown = result("run", "show", "-r", "bare")
    assert (shown["tags"], shown["properties"]) == ({}, {})
    assert result("run", "list", "--last", "1") == [shown]
    changed = result("run", "update", "-r", "bare", "--add-tag", "a")
    assert list(changed) == list(shown)
    assert all(key[0].islower() and "_" not in key for key in shown)


def test_an_experiment_that_nobody_knows_is_an_empty_list_and_a_word(
    runs: dict[str, Run], experiment: Experiment, cli: Cli
) -> None:
    Experiment(experiment.workspace, "empty")
    assert cli("run", "list", "-e", "empty") == (0, "[]\n", "")
    code, out, err = cli("run", "list", "-e", "nowhere")
    assert (code, out) == (0, "[]\n")
    assert 'There is no experiment "nowhere"' in err


def test_the_page_of_a_run_is_opened_and_said(
    runs: dict[str, Run], cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    url = runs["good"].get_portal_url()
    assert cli("run", "open", "-r", "good") == (0, f"{url}\n", "")
    assert opened == [url]


def test_a_run_without_logs_writes_nothing_and_says_so(
    runs: dict[str, Run], cli: Cli, tmp_path: Path
) -> None:
    code, out, err = cli("run", "download-logs", "-r", "bare", "-d", str(tmp_path / "logs"))
    assert (code, out.strip(), "has no logs" in err) == (0, "", True)


def test_logs_are_followed_and_written(
    experiment: Experiment, cli: Cli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with experiment.start_logging(snapshot_directory=None, outputs=False, run_id="done") as run:
        print("hello")
    run._transport.run_file(
        "POST", "done", "logs", "user_logs/std_log.txt", body=b"line 1\n",
        query={"session": "s", "sequence": 0},
    )  # fmt: skip
    code, out, _ = cli("run", "monitor-logs", "-r", "done", "-o", "none")
    assert code == 0
    assert "Streaming user_logs/std_log.txt" in out
    assert "line 1\n" in out
    assert "Status: Completed" in out
    code, out, _ = cli("run", "download-logs", "-r", "done", "-d", str(tmp_path / "logs"))
    assert [Path(line).read_text() for line in out.split()] == ["hello\n", "line 1\n"]


def test_a_failed_run_is_an_exit_code(runs: dict[str, Run], cli: Cli) -> None:
    runs["poor"].fail("no good")
    code, out, err = cli("run", "monitor-logs", "-r", "poor")
    assert (code, "no good" in err) == (1, True)
    assert json.loads(out[out.index('{\n  "runId"') :])["status"] == "Failed"


def test_a_script_that_is_not_there_is_said(experiment: Experiment, cli: Cli) -> None:
    code, _, err = cli("run", "submit-script", "-e", "e", "missing.py")
    assert (code, "There is no script missing.py" in err) == (3, True)
    code, _, err = cli("run", "submit-script", "missing.py")
    assert (code, "Which experiment?" in err) == (2, True)


def test_the_list_takes_a_query(runs: dict[str, Run], result: Result, cli: Cli) -> None:
    asked = ("run", "list", "--filter", 'tag:quality="fantastic run" -tag:skip')
    assert ids(result(*asked)) == ["good"]
    assert ids(result("run", "list", "--filter", "tag:quality id:poor")) == ["poor"]
    code, out, err = cli("run", "list", "--filter", "stats:failed")
    assert (code, out) == (2, "")
    assert 'There is no field "stats" (position 1).' in err
    assert "Did you mean status?" in err
