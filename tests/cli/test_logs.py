"""``studio run logs``"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from runs.access import Actor
from runs.actions import logs
from runs.models import Run as RunRow
from runs.models import User
from studio.sdk import Experiment
from tests.cli.conftest import Cli
from tests.cli.test_runs import start

Result = Callable[..., Any]


@pytest.fixture
def printed(experiment: Experiment) -> None:
    start(experiment, "told")
    text = b"".join(b"line %d\n" % n for n in range(1, 2_501)) + b"\x1b[31mValueError: no\x1b[0m\n"
    run, by = RunRow.objects.get(run_id="told"), Actor.of_user(User.objects.get(username="alice"))
    logs.append(run, by=by, path="user_logs/std_log.txt", session="s", sequence=0, data=text)
    logs.append(run, by=by, path="logs/own.txt", session="s", sequence=0, data=b"Mine\nmine\n")


@pytest.mark.usefixtures("printed")
def test_lines_are_shown_by_their_numbers(cli: Cli, result: Result) -> None:
    told = ("run", "logs", "-r", "told")
    assert cli(*told, "--lines", "120-122")[1] == "120: line 120\n121: line 121\n122: line 122\n"
    assert cli(*told, "--lines", "7")[1] == "7: line 7\n"
    assert cli(*told, "--last", "2")[1] == "2500: line 2500\n2501: ValueError: no\n"
    many = result(*told, "--lines", "2-2400", "-o", "json")
    assert [line["line"] for line in many] == list(range(2, 2_401))
    assert cli(*told, "--file", "logs/own.txt")[1] == "1: Mine\n2: mine\n"


@pytest.mark.usefixtures("printed")
def test_lines_are_found_by_what_is_in_them(cli: Cli) -> None:
    told = ("run", "logs", "-r", "told")
    assert cli(*told, "--search", "LINE 2499")[1] == "2499: line 2499\n"
    assert cli(*told, "--search", r"^line 2\d00$", "--regex")[1].count("\n") == 6
    assert cli(*told, "--errors")[1] == "2501: ValueError: no\n"
    own = (*told, "--file", "logs/own.txt")
    assert cli(*own, "--search", "mine", "--case")[1] == "2: mine\n"
    assert cli(*told, "--search", "line", "--lines", "3-4")[1] == "3: line 3\n4: line 4\n"


@pytest.mark.usefixtures("printed")
def test_lines_are_dated_when_asked(cli: Cli) -> None:
    told = ("run", "logs", "-r", "told", "--timestamps")
    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.fullmatch(rf"7: {time} line 7\n", cli(*told, "--lines", "7")[1])
    assert re.fullmatch(rf"2501: {time} ValueError: no\n", cli(*told, "--errors")[1])
    for kept in Path(settings.DATA_DIR).rglob("*.times"):
        kept.unlink()
    assert cli(*told, "--lines", "7")[1] == f"7: {'-':24} line 7\n"


@pytest.mark.usefixtures("printed")
def test_what_is_left_out_is_told(cli: Cli) -> None:
    code, out, err = cli("run", "logs", "-r", "told", "--search", "line", "--last", "2")
    assert (code, out) == (0, "1: line 1\n2: line 2\n")
    assert "only 2 lines are shown" in err
    code, out, err = cli("run", "logs", "-r", "told", "--search", "nowhere")
    assert (code, out.strip()) == (0, "")
    assert "has no such line" in err


@pytest.mark.usefixtures("printed")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--lines", "0"), '"0" is no line'),
        (("--lines", "x-y"), '"x-y" is no line'),
        (("--regex",), "give a text to search for"),
        (("--errors", "--search", "x"), "choose one"),
        (("--search", "(", "--regex"), "no regular expression"),
        (("--file", "nowhere.txt"), 'no log "nowhere.txt"'),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_told(
    cli: Cli, words: tuple[str, ...], said: str
) -> None:
    code, out, err = cli("run", "logs", "-r", "told", *words)
    assert code != 0
    assert out == ""
    assert said in err
