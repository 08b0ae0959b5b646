"""No row of the specification is without a test."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.packaging.places import ROOT
from tests.rows.ids import ROWS, in_a_name


def test_every_row_has_a_test() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.rows.missing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("none\n", 0), done.stderr


def test_every_row_of_a_test_is_one_and_stands_in_its_name(request: pytest.FixtureRequest) -> None:
    here = [item for item in request.session.items if "tests/rows/" in item.nodeid]
    wrong = [
        (item.nodeid, row)
        for item in here
        for mark in item.iter_markers("row")
        for row in mark.args
        if row not in ROWS or not (row in item.name or in_a_name(row) in item.name)
    ]
    assert wrong == []
