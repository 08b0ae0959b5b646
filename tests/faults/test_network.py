"""Whatever the network does to a request or its answer, all arrives once."""

from __future__ import annotations

import socket
import time

import pytest

from tests.acceptance.studio_process import StudioProcess, wait_for
from tests.faults.conftest import StartWriter
from tests.faults.proxy import Mode, Proxy
from tests.faults.writing import WAITED_SECONDS, Writer, check, stored

ROUNDS = 3


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.PASS])
def test_a_network_that_is_spoiled_again_and_again(
    studio: StudioProcess, proxy: Proxy, start_writer: StartWriter, mode: Mode
) -> None:
    writers = [start_writer(proxy.url) for _ in range(2)]
    for writer in writers:
        writer.wait_for_numbers(10)
    for _ in range(ROUNDS):
        written, faults = _written(writers), proxy.faults[mode]
        proxy.set(mode)
        _wait_for_a_fault(proxy, faults)
        time.sleep(0.5)
        assert _written(writers) > written, "a writer waited for the studio"
        arrived = _arrived(studio, writers)
        proxy.set(Mode.PASS)
        _wait_until_more_arrived(studio, writers, arrived)
    for writer in writers:
        writer.stop()
        check(studio, writer)
        assert writer.longest_call() < WAITED_SECONDS
    assert proxy.faults[mode] >= ROUNDS


def test_a_network_that_is_away_for_longer_than_a_request_waits(
    studio: StudioProcess, proxy: Proxy, start_writer: StartWriter
) -> None:
    writer = start_writer(proxy.url)
    writer.wait_for_numbers(10)
    proxy.set(Mode.PAUSE)
    time.sleep(0.5)
    written, arrived = len(writer.ledger()), _arrived(studio, [writer])
    time.sleep(12)
    assert len(writer.ledger()) > written + 300
    assert _arrived(studio, [writer]) == arrived
    proxy.set(Mode.PASS)
    writer.stop()
    check(studio, writer)
    assert proxy.faults[Mode.PAUSE] >= 2
    assert writer.longest_call() < WAITED_SECONDS


def test_a_refused_connection_is_really_refused(proxy: Proxy) -> None:
    proxy.set(Mode.REFUSE)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", proxy.port))


def _wait_for_a_fault(proxy: Proxy, before: int) -> None:
    wait_for(lambda: proxy.faults[proxy.mode] > before, seconds=20, what="a fault")


def _written(writers: list[Writer]) -> int:
    return sum(len(writer.ledger()) for writer in writers)


def _arrived(studio: StudioProcess, writers: list[Writer]) -> int:
    return sum(len(stored(studio, writer.run_id)) for writer in writers)


def _wait_until_more_arrived(studio: StudioProcess, writers: list[Writer], before: int) -> None:
    wait_for(lambda: _arrived(studio, writers) > before, seconds=20, what="more values")
