"""A studio that is killed again and again loses nothing and doubles nothing."""

from __future__ import annotations

import time
from itertools import pairwise

from tests.acceptance.studio_process import StudioProcess
from tests.faults.conftest import StartWriter
from tests.faults.writing import WAITED_SECONDS, check, stored

WRITERS = 4
SECONDS = 30.0
ALIVE_SECONDS = 1.0
# A start takes under a second; a slow machine still dies often enough to prove something.
KILLS_AT_LEAST = 6


def test_a_kill_every_second_for_30_s_loses_and_doubles_nothing(
    studio: StudioProcess, start_writer: StartWriter
) -> None:
    writers = [start_writer(studio.url) for _ in range(WRITERS)]
    for writer in writers:
        writer.wait_for_numbers(10)
    arrived: list[int] = []
    written: list[int] = []
    end = time.monotonic() + SECONDS
    # A machine that is busy starts the studio more slowly: then it takes longer to kill it as often.
    while time.monotonic() < end or len(arrived) < KILLS_AT_LEAST:
        time.sleep(ALIVE_SECONDS)
        arrived.append(sum(len(stored(studio, writer.run_id)) for writer in writers))
        studio.kill()
        before = sum(len(writer.ledger()) for writer in writers)
        studio.start()
        written.append(sum(len(writer.ledger()) for writer in writers) - before)
    for writer in writers:
        writer.stop()
    assert len(arrived) >= KILLS_AT_LEAST
    assert all(count > 0 for count in written), "a writer waited for the studio"
    # A client that waits after a refusal misses some of these seconds, on a busy machine half of them.
    assert sum(late > early for early, late in pairwise(arrived)) > len(arrived) / 3, arrived
    for writer in writers:
        check(studio, writer)
        assert studio.run(writer.run_id)["status"] == "Completed"
        assert writer.longest_call() < WAITED_SECONDS
