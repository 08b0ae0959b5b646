"""Reports to the studio: on disk first, delivered in order, each once, however long it is away."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import uuid
from typing import TYPE_CHECKING, Any

from studio.sdk._exceptions import ServiceException

if TYPE_CHECKING:
    from pathlib import Path

    from studio.sdk._transport import Transport

FINAL = frozenset({"complete", "fail", "canceled"})
_ANSWER_SECONDS = 10.0


class StudioAway(Exception):  # noqa: N818 (a state of affairs)
    """The studio has not answered for days; what is left stays in the run's folder."""


class RunGone(Exception):  # noqa: N818 (a state of affairs)
    """The studio does not know this run (any more), or its token."""


class Reports:
    """The reports of one run, in ``reports.jsonl`` of its spool folder."""

    def __init__(self, folder: Path, run_id: str, transport: Transport) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "reports.jsonl"
        self._mark = folder / "reports.delivered"
        self._run_id = run_id
        self._transport = transport
        self._lock = threading.Lock()
        self._reports = self._read()
        self._delivered = self._read_mark()

    def add(self, what: str, body: dict[str, Any] | None = None) -> None:
        """Keep a report; ``what`` is the last part of its address."""
        report = {"what": what, "body": body or {}, "key": uuid.uuid4().hex}
        with self._lock:
            # A full disk must not silence a run: the report is still delivered from memory.
            with contextlib.suppress(OSError):
                self._write(report)
            self._reports.append(report)

    def has_final(self) -> bool:
        """Whether one of the reports ends the run."""
        return any(report["what"] in FINAL for report in self._reports)

    def deliver(self) -> None:
        """Deliver what is not delivered yet.

        Raises:
            ServiceException: the studio does not answer.
            RunGone: it does not know this run.
        """
        while self._delivered < len(self._reports):
            report = self._reports[self._delivered]
            try:
                self._transport.run(
                    "POST",
                    self._run_id,
                    report["what"],
                    json=report["body"],
                    key=report["key"],
                    timeout=_ANSWER_SECONDS,
                )
            except ServiceException as error:
                if error.status in (401, 404):
                    raise RunGone(str(error)) from None
                # Whatever else the studio refuses it refuses again: the run has moved on meanwhile.
                if error.is_unreachable:
                    raise
            self._delivered += 1
            with contextlib.suppress(OSError):
                self._mark.write_text(report["key"])

    def _write(self, report: dict[str, Any]) -> None:
        with self._path.open("ab") as file:
            # A line of its own, even behind one that a crash has torn.
            file.write(b"\n" + json.dumps(report).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> list[dict[str, Any]]:
        try:
            lines = self._path.read_bytes().split(b"\n")
        except OSError:
            return []
        found = []
        for line in lines:
            # Empty, or torn by a crash.
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return found

    def _read_mark(self) -> int:
        """Return how many were delivered; 0 when that is unknown, as sending twice does no harm."""
        try:
            last = self._mark.read_text()
        except OSError:
            return 0
        return next((n for n, report in enumerate(self._reports, 1) if report["key"] == last), 0)
