"""A studio of one run, small enough to misbehave on purpose."""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

STATUS_AFTER = {
    "start": "Running",
    "finalize": "Finalizing",
    "complete": "Completed",
    "fail": "Failed",
    "canceled": "Canceled",
}
STD_LOG = "user_logs/std_log.txt"
# Processes are found by their run on the whole machine: tests that run side by side share no run.
RUN = f"run-{secrets.token_hex(6)}"
T = TypeVar("T")


def wait_for(look: Callable[[], T], what: str, seconds: float = 15) -> T:
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"waited {seconds:g} s for {what}"
        time.sleep(0.02)
    return found


class FakeStudio:
    """``is_away``: no answer. ``loses_answers``: does the work, and no answer. ``is_gone``: 404."""

    def __init__(self) -> None:
        self.is_away = self.loses_answers = self.is_gone = self.stops = False
        self.status = "Preparing"
        self.reports: list[tuple[str, dict[str, Any]]] = []
        self.logs: dict[str, bytearray] = {}
        self.files: dict[str, bytes] = {}
        self.rows: list[dict[str, Any]] = []
        self.on_file: Callable[[], None] = lambda: None
        self.snapshot = b""
        self.lease: dict[str, Any] | None = None
        self._keys: set[str] = set()
        self._received: dict[str, int] = {}
        self._lock = threading.Lock()
        fake = self

        class Handler(_Handler):
            studio = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def cancel(self) -> None:
        self.status, self.stops = "CancelRequested", True

    @property
    def log(self) -> str:
        return self.logs.get(STD_LOG, bytearray()).decode()

    def bodies(self, what: str) -> list[dict[str, Any]]:
        return [body for kind, body in self.reports if kind == what]

    @property
    def final(self) -> dict[str, Any]:
        ends = [r for r in self.reports if r[0] in ("complete", "fail", "canceled")]
        assert len(ends) == 1, self.reports
        return ends[0][1]

    def answer(
        self, method: str, parts: list[str], query: dict[str, str], body: bytes, key: str
    ) -> Any:
        """Return (status, body) for a request below the workspace."""
        if self.is_gone:
            return 404, {"code": "not_found", "detail": "There is no such run."}
        if parts[0] == "compute":
            return 200, self._next_lease()
        match parts[2:]:
            case ["heartbeat"]:
                return 200, self._beat(float(query.get("wait", 0)))
            case ["logs", *name]:
                return self._append("/".join(name), int(query["sequence"]), body)
            case ["files", *name]:
                self.files["/".join(name)] = body
                self.on_file()
                return 201, {}
            case ["metrics"]:
                return self._take_rows(**json.loads(body))
            case ["snapshot"]:
                return 200, self.snapshot
            case ["lease"]:
                return 200, self.lease
            case []:
                return 200, {"status": self.status}
            case [what]:
                return self._report(what, json.loads(body), key)
        return 404, {"code": "not_found", "detail": "/".join(parts)}

    def _beat(self, wait: float) -> dict[str, Any]:
        end = time.monotonic() + wait
        while not self.stops and not self.is_away and time.monotonic() < end:
            time.sleep(0.02)
        told = {"status": self.status, "graceSeconds": 1, "nextBeatSeconds": 10}
        return {**told, "stop": self.stops}

    def _append(self, name: str, sequence: int, data: bytes) -> Any:
        with self._lock:
            log = self.logs.setdefault(name, bytearray())
            if sequence > len(log):
                return 409, {"code": "gap", "detail": "A gap.", "expected": len(log)}
            log += data[len(log) - sequence :]
            return 200, {"received": len(log), "size": len(log)}

    def _take_rows(self, session: str, sequence: int, rows: list[dict[str, Any]]) -> Any:
        with self._lock:
            received = self._received.get(session, 0)
            if sequence > received:
                return 409, {"code": "gap", "detail": "A gap.", "expected": received}
            self.rows += rows[received - sequence :]
            self._received[session] = max(received, sequence + len(rows))
            return 200, {"received": self._received[session]}

    def _report(self, what: str, body: dict[str, Any], key: str) -> Any:
        with self._lock:
            if key not in self._keys:
                self._keys.add(key)
                self.reports.append((what, body))
                self.status = STATUS_AFTER.get(what, self.status)
        return 200, {}

    def _next_lease(self) -> dict[str, Any]:
        end = time.monotonic() + 1
        while self.lease is None and time.monotonic() < end:
            time.sleep(0.02)
        lease, self.lease = self.lease, None
        stop = {"runId": RUN, "graceSeconds": 1}
        return {"lease": lease, "stop": [stop] if self.stops else []}


class _Handler(BaseHTTPRequestHandler):
    studio: FakeStudio
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.studio.is_away:
            self.close_connection = True
            return
        address = urlsplit(self.path)
        parts = [unquote(part) for part in address.path.split("/")[5:]]
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        key = self.headers.get("Idempotency-Key") or ""
        status, told = self.studio.answer(self.command, parts, query, body, key)
        if self.studio.is_away or self.studio.loses_answers:
            self.close_connection = True
            return
        data = told if isinstance(told, bytes) else json.dumps(told).encode()
        # Whoever asked may have been killed meanwhile.
        with contextlib.suppress(ConnectionError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = _handle  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass
