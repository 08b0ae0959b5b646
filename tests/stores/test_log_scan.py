"""Looking through a file of lines gives what looking at each line would give."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runs.stores import log_scan
from runs.stores.log_scan import Errors, Part, Pattern, Plain, Regex

LATER = time.monotonic() + 1_000


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_scan, "PIECE", 512)
    monkeypatch.setattr(log_scan, "LONGEST_LINE", 2_048)


class Looking:
    """A file, and both ways through it."""

    def __init__(self, path: Path, data: bytes) -> None:
        path.write_bytes(data)
        self.file = path.open("rb")
        self.part = Part(0, len(data), 1, data.count(b"\n") + 1 + (not data.endswith(b"\n")))

    def forwards(self, pattern: Pattern, limit: int = 10_000) -> list[int]:
        found = log_scan.forwards(self.file.fileno(), self.part, pattern, limit=limit, until=LATER)
        return [hit.line for hit in found.hits]

    def backwards(self, pattern: Pattern, limit: int = 10_000) -> list[int]:
        found = log_scan.backwards(self.file.fileno(), self.part, pattern, limit=limit, until=LATER)
        return [hit.line for hit in found.hits]


@pytest.fixture
def looking(tmp_path: Path) -> Iterator[Looking]:
    chance = random.Random(3)
    words = ["loss", "Loss 1", "", "epoch", "x" * 90, "\x1b[31mlo\x1b[0mss", "1 %\r9 %", "loss\r "]
    lines = [" ".join(chance.choices(words, k=chance.randint(1, 6))) for _ in range(700)]
    lines[300] = "y" * 5_000 + "needle" + "y" * 700 + "needle"
    lines[500] = "a" * 1_500
    looking = Looking(tmp_path / "log", "\n".join(lines).encode())
    yield looking
    looking.file.close()


def lines_of(looking: Looking) -> list[str]:
    text = Path(looking.file.name).read_bytes().decode()
    return re.sub("\x1b\\[[0-9]*m", "", text).split("\n")


@pytest.mark.parametrize("text", ["loss", "needle", "a" * 1_000, "not there", "%", "9 %", "x e"])
@pytest.mark.parametrize("is_exact", [True, False])
def test_both_ways_find_the_lines_that_have_it(
    looking: Looking, text: str, *, is_exact: bool
) -> None:
    fold = str if is_exact else str.lower
    meant = [n for n, line in enumerate(lines_of(looking), 1) if text in fold(line)]
    for pattern in (Plain(text, is_exact=is_exact), Regex(re.escape(text), is_exact=is_exact)):
        assert looking.forwards(pattern) == meant
        assert looking.backwards(pattern) == meant[::-1]


@pytest.mark.parametrize("text", ["^$", "x*", r"^loss", r"\d %$", "z?"])
def test_a_pattern_may_match_nothing_and_ends(looking: Looking, text: str) -> None:
    meant = [
        n
        for n, line in enumerate(lines_of(looking), 1)
        if any(re.search(text, state) for state in line.split("\r"))
    ]
    pattern = Regex(text, is_exact=True)
    assert looking.forwards(pattern) == meant
    assert looking.backwards(pattern) == meant[::-1]


def test_a_limit_stops_where_the_next_look_begins(looking: Looking) -> None:
    every = looking.forwards(Plain("loss", is_exact=True))
    found = log_scan.forwards(
        looking.file.fileno(), looking.part, Plain("loss", is_exact=True), limit=5, until=LATER
    )
    assert ([hit.line for hit in found.hits], found.count) == (every[:5], 5)
    assert found.reached == every[4] + 1
    back = log_scan.backwards(
        looking.file.fileno(), looking.part, Plain("loss", is_exact=True), limit=5, until=LATER
    )
    assert [hit.line for hit in back.hits] == every[-1:-6:-1]
    assert back.reached == every[-5]


def test_counting_keeps_nothing(looking: Looking) -> None:
    pattern = Plain("loss", is_exact=False)
    found = log_scan.forwards(looking.file.fileno(), looking.part, pattern, limit=0, until=LATER)
    assert found.hits == []
    assert found.count == len(looking.forwards(pattern))
    assert found.reached == looking.part.behind


def test_a_look_that_runs_out_of_time_goes_on_where_it_stopped(tmp_path: Path) -> None:
    looking = Looking(tmp_path / "log", b"".join(b"line %04d\n" % n for n in range(1, 1_001)))
    pattern, count, reached, looks = Plain("7", is_exact=True), 0, 1, 0
    with looking.file:
        while reached < looking.part.behind:
            part = Part((reached - 1) * 10, looking.part.end, reached, looking.part.behind)
            found = log_scan.forwards(looking.file.fileno(), part, pattern, limit=0, until=0)
            assert found.reached > reached
            count, reached, looks = count + found.count, found.reached, looks + 1
    assert count == sum("7" in str(n) for n in range(1, 1_001))
    assert looks > 10


def test_what_is_found_says_where_it_is_to_be_seen(tmp_path: Path) -> None:
    data = "a \x1b[31mb\x1b[0mc ä bc\nbc\rlast bc\nbc\rgone\n".encode()
    looking = Looking(tmp_path / "log", data)
    with looking.file:
        found = log_scan.forwards(
            looking.file.fileno(),
            looking.part,
            Plain("bc", is_exact=True),
            limit=9,
            until=LATER,
        )
    told = [(hit.line, hit.text, hit.spans) for hit in found.hits]
    assert told == [
        (1, "a bc ä bc", [(2, 4), (7, 9)]),
        (2, "last bc", [(5, 7)]),
        (3, "gone", []),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Traceback (most recent call last):",
        "ValueError: no such luck",
        "torch.cuda.OutOfMemoryError: CUDA out of memory.",
        "KeyboardInterrupt",
        "2026-11-21 10:00:00 ERROR trainer: broken",
        "[CRITICAL] disk",
        "slurmstepd: error: exceeded memory limit",
        "error: no such file",
        "Segmentation fault (core dumped)",
        "Killed",
        "make: *** [all] Error: 2",
        "\x1b[31mERROR\x1b[0m red",
    ],
)
def test_what_looks_like_an_error_is_one(tmp_path: Path, line: str) -> None:
    looking = Looking(tmp_path / "log", f"fine\n{line}\nfine again\n".encode())
    with looking.file:
        assert looking.forwards(Errors()) == [2]


@pytest.mark.parametrize(
    "line", ["error rate 0.1", "0 errors", "mean_error=3", "no terrors", "Errors were rare"]
)
def test_a_word_that_is_like_an_error_is_none(tmp_path: Path, line: str) -> None:
    looking = Looking(tmp_path / "log", f"{line}\n".encode())
    with looking.file:
        assert looking.forwards(Errors()) == []


def test_a_line_of_any_length_is_looked_at_for_errors_in_linear_time() -> None:
    began = time.perf_counter()
    assert list(Errors().rows(b"Errors" * 200_000)) == []
    assert time.perf_counter() - began < 2
