"""Why a script failed, in words, from its exit code and the end of its log."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

from studio.contract import limits

if TYPE_CHECKING:
    from pathlib import Path

    from studio.runner._folder import RunFolder

_TRACEBACK = "Traceback (most recent call last):"


def of_script(folder: RunFolder, exit_code: int) -> dict[str, Any]:
    """Return the error document of a script that ended with ``exit_code``.

    What the script itself said by ``run.fail()`` comes first.
    """
    return _said(folder.spool) or _seen(folder.output, exit_code)


def said_by_script(folder: RunFolder) -> dict[str, Any] | None:
    """Return what the script said by ``run.fail()``, None when it did not."""
    return _said(folder.spool)


def _said(spool: Path) -> dict[str, Any] | None:
    try:
        told = json.loads((spool / "error.json").read_text())
    except (OSError, ValueError):
        return None
    known = ("code", "message", "type", "stackTrace")
    return (
        {key: str(told[key]) for key in known if told.get(key)} if isinstance(told, dict) else None
    )


def _seen(output: Path, exit_code: int) -> dict[str, Any]:
    ended = _how_it_ended(exit_code)
    trace = _last_traceback(output)
    if not trace:
        return {"code": "UserError", "message": ended}
    last = trace.strip().rsplit("\n", 1)[-1]
    return {
        "code": "UserError",
        "message": f"{ended} {last}",
        "type": last.partition(":")[0],
        "stackTrace": trace,
    }


def _how_it_ended(exit_code: int) -> str:
    if exit_code <= 128:
        return f"The script exited with code {exit_code}."
    try:
        name = signal.Signals(exit_code - 128).name
    except ValueError:
        return f"The script exited with code {exit_code}."
    hint = " The machine may have run out of memory." if name == "SIGKILL" else ""
    return f"The script was ended by {name}.{hint}"


def _last_traceback(output: Path) -> str:
    try:
        with output.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - limits.STACK_TRACE))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    start = text.rfind(_TRACEBACK)
    if start < 0:
        return ""
    # The trace ends with the first line behind it that is not indented: the error itself.
    lines = text[start:].split("\n")
    end = next(
        (n for n, line in enumerate(lines[1:], 1) if line and not line.startswith(" ")), None
    )
    return "\n".join(lines[: None if end is None else end + 1])
