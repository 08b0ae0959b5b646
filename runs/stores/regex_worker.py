"""A process of its own for a regular expression of somebody's: it may take for ever, and is then ended.

Python's expressions go back and forth over a line, and a few characters can make that last for
years, inside one call that nothing can interrupt. Here it has little memory, little time, no
environment, and nobody waits for it longer than was said.
"""

from __future__ import annotations

import contextlib
import json
import re
import resource
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runs.stores import log_scan
from runs.stores.log_scan import Found, Hit, Part, Regex

if TYPE_CHECKING:
    from collections.abc import Callable

# Beyond its time it gets so many seconds to begin and to end.
_GRACE_SECONDS = 2.0
_MEMORY_BYTES = 512 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from runs.stores.regex_worker import main; main()"
)


class BadPatternError(Exception):
    """The text is no regular expression."""


class TooSlowError(Exception):
    """The expression had no answer in time."""


def look(
    way: Callable[..., Found],
    path: Path,
    part: Part,
    *,
    text: str,
    is_exact: bool,
    limit: int,
    seconds: float,
) -> Found:
    """Return what ``forwards`` or ``backwards`` of ``log_scan`` finds with a regular expression.

    Raises:
        BadPatternError: the text is none.
        TooSlowError: a line took it longer than all lines may.
    """
    asked = {
        "way": way.__name__,
        "path": str(path),
        "part": asdict(part),
        "text": text,
        "exact": is_exact,
        "limit": limit,
        "seconds": seconds,
    }
    try:
        done = subprocess.run(  # noqa: S603 (the program is this one)
            [sys.executable, "-I", "-S", "-c", _BOOT, str(_ROOT)],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=seconds + _GRACE_SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise TooSlowError from None
    if done.returncode:
        # Out of memory, or out of the time of a processor.
        raise TooSlowError
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise BadPatternError(answer["error"])
    hits = [Hit(h["line"], h["text"], [(a, b) for a, b in h["spans"]]) for h in answer["hits"]]
    return Found(answer["reached"], hits, answer["count"])


def main() -> None:
    """Answer one question from stdin on stdout."""
    asked = json.load(sys.stdin)
    _bound(asked["seconds"] + _GRACE_SECONDS)
    json.dump(_answer(asked), sys.stdout)


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    until = time.monotonic() + asked["seconds"]
    try:
        pattern = Regex(asked["text"], is_exact=asked["exact"])
    except (re.error, OverflowError, RecursionError) as error:
        return {"error": str(error)}
    way = {"forwards": log_scan.forwards, "backwards": log_scan.backwards}[asked["way"]]
    with Path(asked["path"]).open("rb") as file:
        part = Part(**asked["part"])
        return asdict(way(file.fileno(), part, pattern, limit=asked["limit"], until=until))


def _bound(seconds: float) -> None:
    # Where a system does not know a bound, the one who waits still ends this.
    for kind, most in (
        (resource.RLIMIT_CPU, int(seconds) + 1),
        (resource.RLIMIT_AS, _MEMORY_BYTES),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
