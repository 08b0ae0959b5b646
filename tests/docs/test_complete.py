"""The manual names everything that there is, and nothing that is not."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from runs.access import Actor
from runs.models import User, Workspace
from runs.queries import conditions, language
from runs.queries.conditions import Asking
from runs.views import help as help_views
from studio import sdk
from studio.cli import ending, options
from studio.cli.commands import FORMATS
from studio.contract import environ, limits
from studio.contract.words import Status
from tests.docs.blocks import MANUAL

TEXTS = {page.stem: page.read_text(encoding="utf-8") for page in MANUAL}
# Every command has these; a table of their own tells of them.
COMMON = {
    *("--help", "-h", "--workspace-name", "-w", "--path", "--output", "-o", "--query"),
    *("--output-metadata-file", "-t"),
}
# For the SDK's own use.
UNTOLD = {"target_name", "variables", "copied"}
NUMBERS = {
    "tags of a run": (limits.TAGS_PER_RUN,),
    "properties of a run": (limits.PROPERTIES_PER_RUN,),
    "parameters of a run": (limits.PARAMETERS_PER_RUN,),
    "characters of a key, of a value": (limits.KEY, limits.VALUE),
    "characters of a parameter's value": (limits.PARAMETER_VALUE,),
    "characters of a display name, of a description": (limits.DISPLAY_NAME, limits.DESCRIPTION),
    "characters of a metric's name, of a text that is logged": (
        limits.METRIC_NAME,
        limits.METRIC_TEXT,
    ),
    "columns of a table": (limits.METRIC_COLUMNS,),
    "characters of a file's path": (limits.FILE_PATH,),
    "children in one call": (limits.CHILDREN_PER_CALL,),
}


def commands(
    parser: argparse.ArgumentParser, name: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield each command of the command line with its name."""
    inner = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for action in inner:
        for word, below in action.choices.items():
            yield from commands(below, f"{name} {word}".strip())
    if not inner:
        yield name, parser


COMMANDS = dict(commands(options.parser()))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_told_with_its_options(command: str) -> None:
    section = re.search(rf"^### {command}\n(.*?)(?=^##)", TEXTS["cli"], re.M | re.S)
    assert section is not None
    told = set(re.findall(r"^\| .*", section[1], re.M))
    told = set(re.findall(r"`(--?[a-z-]+)`", " ".join(line.split("|")[1] for line in told)))
    known = {
        option
        for action in COMMANDS[command]._actions
        if action.help != argparse.SUPPRESS
        for option in action.option_strings
    }
    assert told == known - COMMON


def test_no_command_is_told_that_is_not_there() -> None:
    section = TEXTS["cli"].partition("## Commands\n")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^### (.*)$", section, re.M)) == sorted(COMMANDS)
    assert [option for option in COMMON if f"`{option}`" not in TEXTS["cli"]] == []


def test_every_public_name_of_the_sdk_is_told() -> None:
    assert [name for name in sdk.__all__ if not re.search(rf"\b{name}\b", TEXTS["sdk"])] == []


@pytest.mark.parametrize(
    "kind", [sdk.Run, sdk.Experiment, sdk.Workspace, sdk.RunConfiguration, sdk.Alert]
)
def test_every_public_member_is_told(kind: type) -> None:
    members = {name for name in dir(kind) if not name.startswith("_")} - UNTOLD
    assert sorted(m for m in members if not re.search(rf"\b{m}\b", TEXTS["sdk"])) == []


def test_every_status_field_and_exit_code_is_told() -> None:
    assert [s for s in Status if f"`{s}`" not in TEXTS["sdk"]] == []
    assert [f for f in conditions.FIELDS if f"`{f}:" not in TEXTS["cli"]] == []
    assert [w for w in conditions.IS if f"`is:{w}`" not in TEXTS["cli"]] == []
    codes = re.findall(r"^  (\d+) +(.*)$", ending.EXPLAINED, re.M)
    plain = TEXTS["cli"].replace("`", "")
    assert [code for code, why in codes if f"| {code} | {why} |" not in plain] == []
    assert [f for f in FORMATS if f"| `{f}` |" not in TEXTS["cli"]] == []


def test_every_term_of_the_query_language_is_one(workspace: Workspace, alice: User) -> None:
    section = TEXTS["cli"].partition("## The query language\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.M)
    terms = [term for cell in cells for term in re.findall(r"`([^`]+)`", cell)]
    assert len(terms) > 25
    asking = Asking(workspace, Actor.of_user(alice), timezone.now())
    for term in terms:
        conditions.meant(language.parse(term), asking)


def test_every_variable_of_the_environment_is_told() -> None:
    internal = {environ.MARKER, environ.SPOOL_DIR}
    names = {value for key, value in vars(environ).items() if key.isupper()} - internal
    assert sorted(name for name in names if f"`{name}`" not in TEXTS["sdk"]) == []


@pytest.mark.parametrize("what", NUMBERS)
def test_limits_are_those_of_the_contract(what: str) -> None:
    numbers = ", ".join(f"{number:,}" for number in NUMBERS[what])
    assert f"| {what} | {numbers} |" in TEXTS["sdk"]


def test_every_difference_has_a_reason() -> None:
    text = TEXTS["differences"]
    rows = re.findall(r"^\| (A-\d\d|\d(?:\.\d)?) \| (.*) \|$", text, re.M)
    assert len(rows) > 50
    assert [row for row in rows if len(row[1].split(" | ")[-1].split()) < 3] == []
    named = [row for row, _ in rows if row.startswith("A-")]
    assert len(named) == len(set(named))


def test_the_manual_can_be_read_in_the_repository() -> None:
    for page in MANUAL:
        text = re.sub("`[^`]*`", "", TEXTS[page.stem])
        for target in re.findall(r"\]\(([^)#]+)", text):
            assert Path(page.parent, target).is_file(), f"{page.name}: {target}"
    readme = (MANUAL[0].parents[2] / "README.md").read_text()
    assert [name for name in help_views.PAGES if f"templates/docs/{name}.md" in readme]
