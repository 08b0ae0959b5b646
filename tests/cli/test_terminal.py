"""How the command line speaks: formats, exit codes, sign-in."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from studio.cli import connecting, ending, printing
from studio.sdk import Experiment, Workspace, _config
from tests.cli.conftest import HERE, Cli

Result = Callable[..., Any]


@pytest.fixture
def run(experiment: Experiment) -> None:
    experiment.start_logging(
        snapshot_directory=None, outputs=False, run_id="r1", display_name="yes", tags={"a": "b: c"}
    ).complete()


@pytest.mark.usefixtures("run")
def test_each_format_says_the_same(cli: Cli) -> None:
    asked = ("run", "list", "--query", "[].{runId: runId, name: displayName, tags: tags}")
    assert json.loads(cli(*asked)[1]) == [{"runId": "r1", "name": "yes", "tags": {"a": "b: c"}}]
    # Colours are for terminals, and this is none.
    assert cli(*asked, "-o", "jsonc")[1] == cli(*asked)[1]
    assert cli(*asked, "-o", "tsv")[1] == 'r1\tyes\t{"a": "b: c"}\n'
    assert (
        cli(*asked, "-o", "table")[1]
        == "runId  name  tags\n-----  ----  ------\nr1     yes   a=b: c\n"
    )
    assert cli(*asked, "-o", "yaml")[1] == "- runId: r1\n  name: 'yes'\n  tags:\n    a: 'b: c'\n"
    assert cli(*asked, "-o", "none")[1] == ""


@pytest.mark.usefixtures("run")
def test_a_query_for_something_else_is_told_in_one_line(cli: Cli) -> None:
    code, out, err = cli("run", "list", "--query", "keys(@)")
    assert (code, out) == (2, "")
    assert err == "studio: The query cannot be answered: keys() takes object, not array.\n"


@pytest.mark.usefixtures("run")
def test_a_result_is_written_beside_and_never_over_anything(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    assert cli("run", "show", "-r", "r1", "-t", str(path))[0] == 0
    assert json.loads(path.read_text())["runId"] == "r1"
    code, out, err = cli("run", "show", "-r", "r1", "-t", str(path))
    assert (code, out, "not overwritten" in err) == (2, "", True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("run",), 2),
        (("run", "show"), 2),
        (("run", "list", "--last", "0"), 2),
        (("run", "list", "--last", "٣"), 2),
        (("run", "list", "-e", "\udcff"), 2),
        (("run", "list", "--query", "keys(@)"), 2),
        (("run", "list", "--status", "Sleeping"), 2),
        (("run", "list", "--query", "[?"), 2),
        (("run", "list", "--tags", "=x"), 2),
        (("run", "list", "-w", "elsewhere"), 3),
        (("--help",), 0),
        (("--version",), 0),
    ],
)
def test_exit_codes(experiment: Experiment, cli: Cli, words: tuple[str, ...], code: int) -> None:
    assert cli(*words)[0] == code


def test_a_studio_that_does_not_answer_is_code_4(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("STUDIO_TOKEN", "t")
    monkeypatch.setattr(connecting, "PATIENCE_SECONDS", 0)
    code, _, err = cli("run", "list")
    assert (code, "does not answer" in err) == (4, True)


def test_login_keeps_a_token_for_this_user_only(
    experiment: Experiment, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = experiment.workspace._transport
    code, out, _ = cli("login", transport.url, "--token", transport.token)
    assert (code, "workspace main" in out) == (0, True)
    monkeypatch.delenv("STUDIO_URL")
    monkeypatch.delenv("STUDIO_TOKEN")
    file = _config.config_dir() / "credentials.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert cli("token")[1].strip() == transport.token
    assert cli("run", "list")[0] == 0
    wrong = cli("login", transport.url, "--token", "stu_" + "x" * 43)
    assert (wrong[0], cli("token")[1].strip()) == (2, transport.token)


def test_a_token_may_come_through_a_pipe(
    experiment: Experiment, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = experiment.workspace._transport
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{transport.token}\n"))
    told = json.loads(cli("login", transport.url, "-o", "json")[1])
    assert told == {"url": transport.url, "workspaceName": "main", "workspaces": ["main"]}
    code, _, err = cli("login", transport.url)
    assert (code, "A token is needed" in err) == (2, True)


def test_a_login_that_opens_nothing_is_not_kept(experiment: Experiment, cli: Cli) -> None:
    transport = experiment.workspace._transport
    for words, code, said in (
        ((transport.url, "-w", "elsewhere", "--token", transport.token), 3, "It opens: main."),
        ((f"{transport.url}/w", "--token", transport.token), 2, "is no studio"),
        (("nonsense", "--token", "t"), 2, "is no address"),
    ):
        ended, out, err = cli("login", *words)
        assert (ended, out, said in err) == (code, "", True)
    assert not (_config.config_dir() / "credentials.json").exists()


def test_a_workspace_may_be_named_beside_an_attached_folder(
    experiment: Experiment, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = experiment.workspace._transport
    assert cli("folder", "attach", "-e", "mine")[0] == 0
    # The folder says where the studio is, also for another workspace of it.
    monkeypatch.delenv("STUDIO_URL")
    code, _, err = cli("run", "list", "-w", "elsewhere")
    assert (code, transport.url in err) == (3, False)
    assert cli("run", "list", "-w", "main")[0] == 0


def test_an_attached_folder_is_found_by_sdk_and_cli(
    experiment: Experiment, cli: Cli, result: Result, tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    assert cli("folder", "attach", "--path", str(folder), "-e", "mine")[0] == 0
    assert Workspace.from_config(folder).name == "main"
    assert _config.default_experiment(folder) == "mine"
    assert ".git" in (folder / ".amlignore").read_text().split()
    listed = result("experiment", "list", "--path", str(folder))
    assert [item["name"] for item in listed] == ["explore-runs"]


def test_help_names_every_exit_code(cli: Cli) -> None:
    told = cli("--help")[1]
    for code in ("0  ", "1  ", "2  ", "3  ", "4  ", "130  "):
        assert f"\n  {code}" in told
    assert ending.EXPLAINED in told


def test_no_answer_of_yaml_is_taken_for_something_else(cli: Cli) -> None:
    values = {"a": "yes", "b": "1e3", "c": 1e-05, "d": "x\n\x9by", "e": [], "f": {"g": [[1, None]]}}
    assert yaml.safe_load(printing._drawn("yaml", values)) == values
    assert printing._drawn("yaml", "word") == "word"


def test_a_row_of_tsv_is_one_line_and_a_value_alone_keeps_its_lines() -> None:
    assert printing._drawn("tsv", [{"a": "x\ty\n", "b": None, "c": True}, ["z", 1]]) == (
        "x\\ty\\n\t\ttrue\nz\t1"
    )
    assert printing._drawn("tsv", "two\nlines") == "two\nlines"


def test_json_spells_out_what_could_steer_a_terminal() -> None:
    drawn = printing._drawn("json", {"name": "a\x9b2Jb\x7f\u2028é"})
    assert all(letter.isprintable() or letter == "\n" for letter in drawn)
    assert "\\u009b" in drawn
    assert json.loads(drawn) == {"name": "a\x9b2Jb\x7f\u2028é"}


def test_whoever_stops_reading_is_no_error() -> None:
    command = f"{sys.executable} -m studio.cli.main completion bash | {{ exec <&-; sleep 0.5; }}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(HERE), "PYTHONUNBUFFERED": ""},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_help_loads_nothing_of_the_sdk() -> None:
    code = (
        "import sys; from studio.cli.options import parser; parser();"
        "print([m for m in sys.modules if m.startswith(('studio.sdk', 'urllib3', 'jmespath'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
