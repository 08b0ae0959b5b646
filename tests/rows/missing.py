"""python -m tests.rows.missing: print the rows of the specification that no test follows."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import pytest

from tests.rows.ids import ROWS

HERE = Path(__file__).resolve().parent


class Collected:
    """A plugin that keeps what pytest has collected: the rows of each test, by the test's id."""

    def __init__(self) -> None:
        self.rows: dict[str, list[str]] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the rows of every test."""
        for item in session.items:
            self.rows[item.nodeid] = [row for mark in item.iter_markers("row") for row in mark.args]


def rows_by_test() -> dict[str, list[str]]:
    """Return the rows that each test of this folder follows."""
    found, said = Collected(), io.StringIO()
    asked = ["--collect-only", "-q", "-n0", "-p", "no:cacheprovider", str(HERE)]
    with contextlib.redirect_stdout(said):
        code = pytest.main(asked, plugins=[found])
    if code is not pytest.ExitCode.OK:
        raise RuntimeError(f"The tests cannot be collected:\n{said.getvalue()}")
    return found.rows


def main() -> int:
    """Print each row without a test, or "none"; returns the exit code."""
    tested = {row for rows in rows_by_test().values() for row in rows}
    missing = [row for row in ROWS if row not in tested]
    print("\n".join(f"{row}  {ROWS[row]}" for row in missing) or "none")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
