"""The line index of logs: true at every line, and mended when it is not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from runs.models import LogFile
from runs.stores import line_index, logs
from runs.stores.line_index import BLOCK


def grown(*pieces: bytes) -> LogFile:
    """Return a log that got these pieces, each of them committed."""
    log = LogFile(run_id=7, path="user_logs/std_log.txt")
    for piece in pieces:
        logs.append(log, piece)
        log.size += len(piece)
        log.lines += piece.count(b"\n")
    return log


def index_of(log: LogFile) -> Path:
    path = logs.path_of(log)
    return path.with_name(f"{path.name}.lines")


def starts(data: bytes) -> list[int]:
    places = [0]
    while (found := data.find(b"\n", places[-1])) >= 0:
        places.append(found + 1)
    return places


def pieces(seed: int, *, total: int, longest_line: int) -> list[bytes]:
    """Return the pieces of a log whose lines and pieces have many lengths."""
    chance = random.Random(seed)
    data = b""
    while len(data) < total:
        data += b"x" * chance.choice((0, 1, 80, chance.randint(0, longest_line))) + b"\n"
    data += b"no end"
    cuts = sorted(chance.randint(0, len(data)) for _ in range(9))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@pytest.mark.parametrize("seed", range(4))
def test_every_line_is_found_where_it_begins(seed: int) -> None:
    parts = pieces(seed, total=700_000, longest_line=200_000 if seed % 2 else 2_000)
    log, places = grown(*parts), starts(b"".join(parts))
    step = max(1, len(places) // 400)
    assert [logs.offset_of(log, n) for n in range(1, len(places) + 1, step)] == places[::step]
    assert index_of(log).stat().st_size == log.size // BLOCK * 8


def test_lines_that_are_not_there_are_at_an_end() -> None:
    log = grown(b"one\ntwo")
    assert [logs.offset_of(log, n) for n in (-5, 0, 1, 2, 3, 10**18)] == [0, 0, 0, 4, 7, 7]
    assert logs.offset_of(grown(), 1) == 0


def test_an_index_that_is_missing_or_behind_is_brought_up_to_date() -> None:
    parts = pieces(5, total=900_000, longest_line=300)
    log, places = grown(*parts), starts(b"".join(parts))
    whole = index_of(log).read_bytes()
    for kept in (0, 8, 13, len(whole)):
        index_of(log).write_bytes(whole[:kept])
        assert logs.offset_of(log, 900) == places[899]
        assert index_of(log).read_bytes() == whole
    index_of(log).unlink()
    assert logs.offset_of(log, 900) == places[899]
    assert index_of(log).read_bytes() == whole


def test_an_append_leaves_an_index_that_is_behind_to_the_next_reader() -> None:
    log = grown(b"a\n" * BLOCK)
    index_of(log).unlink()
    more = b"b\n" * BLOCK
    logs.append(log, more)
    assert index_of(log).stat().st_size == 0
    log.size, log.lines = log.size + len(more), log.lines + BLOCK
    assert logs.offset_of(log, BLOCK + 2) == 2 * BLOCK + 2


@pytest.mark.parametrize("wrong", [b"\0" * 8, b"\xff" * 8, b"\x01" * 8])
def test_an_index_that_is_wrong_is_made_again(wrong: bytes) -> None:
    parts = pieces(6, total=900_000, longest_line=300)
    log, places = grown(*parts), starts(b"".join(parts))
    whole = index_of(log).read_bytes()
    for record in range(0, len(whole), 8):
        index_of(log).write_bytes(whole[:record] + wrong + whole[record + 8 :])
        # A line in the middle of that block.
        line = sum(place < record // 8 * BLOCK + BLOCK // 2 for place in places)
        assert logs.offset_of(log, line) == places[line - 1]


def test_what_was_never_committed_is_not_counted() -> None:
    log = grown(b"kept\n" * 30_000)
    logs.append(log, b"\n" * 3 * BLOCK)
    assert logs.offset_of(log, 29_999) == 29_998 * 5
    again = b"other\n" * 40_000
    logs.append(log, again)
    log.size, log.lines = log.size + len(again), log.lines + 40_000
    assert logs.offset_of(log, 30_001) == 150_000
    assert logs.offset_of(log, 69_001) == 150_000 + 39_000 * 6


def test_a_log_whose_bytes_are_gone_has_its_lines_at_its_end() -> None:
    log = grown(b"line\n" * 100_000)
    with logs.path_of(log).open("r+b") as file:
        file.truncate(70_000)
    assert logs.offset_of(log, 90_000) == log.size
    logs.path_of(log).unlink()
    assert logs.offset_of(log, 90_000) == log.size


def test_the_index_is_small() -> None:
    assert 2 * 1024**3 // line_index.BLOCK * 8 <= 256 * 1024
