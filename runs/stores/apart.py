"""Work in a process of its own: with little memory and time and no environment, it may die of what it reads.

What somebody else has made can take for ever, or more memory than there is, inside one call that
nothing can interrupt. Here nobody waits for it longer than was said.
"""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Beyond its time it gets so many seconds to begin and to end.
_GRACE_SECONDS = 2.0
MEMORY_BYTES = 512 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]
_BOOT = (
    "import importlib, sys; sys.path.insert(0, sys.argv[1]);"
    "importlib.import_module(sys.argv[2]).main()"
)


class TooMuchError(Exception):
    """There was no answer in time, or in so little memory."""


def ask(
    module: str,
    asked: dict[str, Any],
    *,
    seconds: float,
    memory: int = MEMORY_BYTES,
    needs_packages: bool = False,
) -> dict[str, Any]:
    """Return what the ``main`` of a module answers, in a process that imports little else.

    Raises:
        TooMuchError: it had no answer in so many seconds and bytes of memory.
    """
    flags = ["-I"] if needs_packages else ["-I", "-S"]
    bounds = {"seconds": seconds + _GRACE_SECONDS, "memory": memory}
    try:
        done = subprocess.run(  # noqa: S603 (the program is this one)
            [sys.executable, *flags, "-c", _BOOT, str(_ROOT), module],
            input=json.dumps([bounds, asked]).encode(),
            capture_output=True,
            timeout=seconds + _GRACE_SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise TooMuchError from None
    if done.returncode:
        raise TooMuchError
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def serve(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer the question on stdin on stdout, within its bounds."""
    bounds, asked = json.load(sys.stdin)
    # Where a system does not know a bound, the one who waits still ends this.
    for kind, most in (
        (resource.RLIMIT_CPU, int(bounds["seconds"]) + 1),
        (resource.RLIMIT_AS, bounds["memory"]),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    json.dump(answer(asked), sys.stdout)
