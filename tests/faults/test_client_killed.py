"""A training that is killed leaves what it logged and printed where it can be delivered from."""

from __future__ import annotations

import pytest

from studio.sdk import _spool
from studio.sdk._transport import Transport
from tests.acceptance.studio_process import TOKEN, StudioProcess
from tests.faults.conftest import StartWriter
from tests.faults.proxy import Mode, Proxy
from tests.faults.writing import BLOCK_LOG, Writer, stored


@pytest.mark.parametrize("mode", [Mode.PASS, Mode.REFUSE, Mode.CUT_IN_ANSWER])
def test_a_kill_of_writers_loses_and_doubles_nothing(
    studio: StudioProcess, proxy: Proxy, start_writer: StartWriter, mode: Mode
) -> None:
    writers = [start_writer(proxy.url) for _ in range(4)]
    for number, writer in enumerate(writers):
        writer.wait_for_numbers(20 + 17 * number)
    proxy.set(mode)
    for number, writer in enumerate(writers):
        writer.wait_for_numbers(len(writer.ledger()) + 30 + 7 * number)
        writer.kill()
    proxy.set(Mode.PASS)
    left = sum(len(writer.ledger()) - len(stored(studio, writer.run_id)) for writer in writers)
    assert left > 0, "all had arrived before the kill: this proves nothing"
    transport = Transport(proxy.url, TOKEN, "main")
    for writer in writers:
        assert _spool.drain(writer.spool, transport) == 0
        assert not writer.spool.exists()
        _check(studio, writer)


def _check(studio: StudioProcess, writer: Writer) -> None:
    """Assert that the studio has what the ledger has, and at most the step that it died in."""
    told = len(writer.ledger())
    numbers = [number for number, _ in stored(studio, writer.run_id)]
    assert numbers == list(range(len(numbers)))
    assert told <= len(numbers) <= told + 1
    lines = studio.log(writer.run_id, BLOCK_LOG).splitlines()
    assert lines[:told] == [f"line {n}" for n in range(told)]
    # The last line may have been cut off by the kill.
    assert len(lines) <= told + 1
    assert all(f"line {told}".startswith(line) for line in lines[told:])
