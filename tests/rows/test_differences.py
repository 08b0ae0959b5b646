"""Rows that the product does not have, or has otherwise: the manual says which, and why."""

from __future__ import annotations

import html
import re

import pytest

from studio.sdk import Experiment
from tests.cli.conftest import Cli
from tests.rows.conftest import Pages
from tests.rows.ids import ROWS

PAGE = "/help/differences/"
# A row leaves this list once the product has it, and gets a test of what it says.
DIFFERENT = [
    "A-11",
    "A-12",
    "A-24",
    "A-25",
    "A-26",
    "A-27",
    "A-28",
    "A-42",
]
COMMANDS = {
    "8.3-monitor-tensorboard": ["monitor-tensorboard"],
    "8.3-submit-hyperdrive": ["submit-hyperdrive", "submit-pipeline"],
}


def told(page: str) -> list[str]:
    """Return the texts of the rows of the page's tables."""
    rows = re.findall(r"<tr[^>]*>.*?</tr>", page, re.S)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in rows]


@pytest.mark.parametrize(
    "row", [pytest.param(row, marks=pytest.mark.row(row)) for row in DIFFERENT]
)
def test_the_manual_says_what_is_different_and_why(pages: Pages, row: str) -> None:
    (said,) = [text for text in told(pages.get(PAGE)) if text.startswith(f"{row} ")]
    assert len(said.split()) > 6, f"no reason: {said}"


def test_what_the_manual_names_are_rows_and_nothing_is_missing_that_is_there(
    pages: Pages,
) -> None:
    page = pages.get(PAGE)
    assert set(re.findall(r"\bA-\d+\b", page)) <= set(ROWS)
    not_here = re.findall(r"\bA-\d+\b", page[page.index("Not here yet<a ") :])
    assert not_here
    assert set(not_here) <= set(DIFFERENT)


@pytest.mark.parametrize("row", [pytest.param(row, marks=pytest.mark.row(row)) for row in COMMANDS])
def test_a_command_that_is_out_of_scope_is_refused_and_the_manual_says_so(
    experiment: Experiment, pages: Pages, cli: Cli, row: str
) -> None:
    told_there = told(pages.get(PAGE))
    for command in COMMANDS[row]:
        code, out, err = cli("run", command, "-r", "first")
        assert (code, out, "invalid choice" in err) == (2, "", True)
        assert [text for text in told_there if text.startswith(f"8.3 {command} ")]
