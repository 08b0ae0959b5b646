"""People who look and scripts that log, all at once: nobody is told of an error, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import postgresql
from tests.benchmarks.load import Load
from tests.benchmarks.soak import studio_in, wrong_in

pytestmark = pytest.mark.acceptance
# The long form, with times, is tests.benchmarks.soak.
SECONDS, WRITERS, READERS = 20, 8, 50


@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_a_team_at_work_meets_no_error(tmp_path: Path, database: str) -> None:
    on_postgresql = database == "PostgreSQL"
    if on_postgresql and not postgresql.is_here():
        pytest.skip("PostgreSQL is not on this machine")
    with studio_in(tmp_path, on_postgresql=on_postgresql) as studio:
        load = Load(studio.url, studio.sign_in_link(), SECONDS)
        seen = load.carry(writers=WRITERS, readers=READERS)
        assert [*seen.wrong, *wrong_in(studio)] == []
    assert min(seen.done["runs by calls"], seen.done["runs by the SDK"]) >= 1
    assert seen.done["looks"] >= READERS
