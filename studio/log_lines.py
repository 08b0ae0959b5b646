"""Log lines of the studio itself: for people, or as JSON, one object a line.

Whatever a caller sent stays inside its line: control characters are escaped, long texts cut, and
nothing that looks like a token is written.
"""

from __future__ import annotations

import contextvars
import json
import logging
import re
from datetime import UTC, datetime

_TOKEN = re.compile(r"stu_[A-Za-z0-9_-]{8,}")
_LONGEST = 2_000
# The id of the request that is being answered, "" outside of one.
request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
_FACTS = ("route", "ms")


def clean(text: str) -> str:
    """Return text that is one line, of bounded length, without tokens."""
    masked = _TOKEN.sub("stu_…", text)
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in masked)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


class TextLines(logging.Formatter):
    """``2026-01-31T12:00:00Z WARNING studio.access: …``, and a traceback below it where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        head = f"{_moment(record)} {record.levelname} {record.name}: {clean(record.getMessage())}"
        if request_id.get():
            head += f" [{request_id.get()}]"
        if record.exc_info:
            head += "\n" + _TOKEN.sub("stu_…", self.formatException(record.exc_info))
        return head


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and what else is known."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": clean(record.getMessage()),
        }
        if request_id.get():
            told["requestId"] = request_id.get()
        told |= {name: getattr(record, name) for name in _FACTS if hasattr(record, name)}
        if record.exc_info:
            told["traceback"] = _TOKEN.sub("stu_…", self.formatException(record.exc_info))
        return json.dumps(told)


def _moment(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
