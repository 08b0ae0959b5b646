"""HTTP to the studio: the only module that knows urllib3."""

from __future__ import annotations

import json as json_module
import os
import random
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import studio
from studio.contract import places
from studio.sdk._exceptions import ServiceException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import urllib3

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
# A studio that restarts is back within this time; a call of the SDK waits that long for it.
PATIENCE_SECONDS = 10.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What the studio answered, with a status of 2xx."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    def json(self) -> Any:
        """Return the body as JSON; one that was cut off counts as no answer (ServiceException)."""
        try:
            return json_module.loads(self.data)
        except ValueError:
            raise ServiceException("The studio's answer was not whole.") from None


class Transport:
    """Speaks to one studio with one token. Safe to use from several threads and after a fork."""

    def __init__(
        self, url: str, token: str, workspace: str, *, patience: float = PATIENCE_SECONDS
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UserErrorException(
                f'"{url}" is no address of a studio; it looks like http://host:8000.'
            )
        self.url = url.rstrip("/")
        self.token = token
        self.workspace = workspace
        self.patience = patience
        self._owner = 0
        self._connections: urllib3.PoolManager | None = None

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        body: bytes | BinaryIO | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
        timeout: float = ANSWER_SECONDS,
        patience: float | None = None,
    ) -> Answer:
        """Call the studio; waits up to ``patience`` seconds for one that does not answer.

        A write carries an Idempotency-Key, so that sending it again changes nothing twice.

        Raises:
            ServiceException: the studio refused, or did not answer in time.
        """
        sent = self._headers(method, json, headers, key)
        data = json_module.dumps(json).encode() if json is not None else body
        url = self._address(path, query)
        end = time.monotonic() + (self.patience if patience is None else patience)
        pause = _FIRST_PAUSE
        while True:
            try:
                return self._once(method, url, data, sent, timeout)
            except ServiceException as error:
                if not error.is_unreachable or time.monotonic() + pause > end:
                    raise
            if data is not None and not isinstance(data, bytes):
                data.seek(0)
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 (spreads callers, hides nothing)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def api(self, method: str, *parts: str, **options: Any) -> Answer:
        """Call the studio below this workspace, each part percent-encoded."""
        return self.request(method, places.api(self.workspace, *parts), **options)

    def run(self, method: str, run_id: str, *parts: str, **options: Any) -> Answer:
        """Call the studio below one run."""
        return self.api(method, "runs", run_id, *parts, **options)

    def run_file(self, method: str, run_id: str, kind: str, path: str, **options: Any) -> Answer:
        """Call the studio about a file ("files") or log ("logs") of a run."""
        place = f"{places.api(self.workspace, 'runs', run_id, kind)}/{places.path(path)}"
        return self.request(method, place, **options)

    def pages(
        self, *parts: str, query: Mapping[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield the items of a list, page after page."""
        asked = dict(query or {})
        while True:
            page = self.api("GET", *parts, query=asked).json()
            yield from page["items"]
            if not page.get("nextCursor"):
                return
            asked["cursor"] = page["nextCursor"]

    def download(self, path: str, target: BinaryIO) -> None:
        """Write what is at an address into ``target``, piece by piece."""
        from urllib3.exceptions import HTTPError

        answer = self._open(
            "GET", self._address(path, None), None, self._headers("GET", None, None, None)
        )
        try:
            if answer.status >= 300:
                raise _refusal(answer.status, answer.data, self.url)
            for piece in answer.stream(_PIECE):
                target.write(piece)
        except HTTPError as error:
            raise _silent(self.url, error) from None
        finally:
            answer.release_conn()

    def close(self) -> None:
        """Close all connections; a later call opens new ones."""
        if self._connections is not None and self._owner == os.getpid():
            self._connections.clear()

    def _address(self, path: str, query: Mapping[str, Any] | None) -> str:
        asked = {k: _text(v) for k, v in (query or {}).items() if v is not None}
        return f"{self.url}{path}" + (f"?{urlencode(asked, quote_via=quote)}" if asked else "")

    def _headers(
        self, method: str, json: Any, headers: Mapping[str, str] | None, key: str | None
    ) -> dict[str, str]:
        sent = {
            "Authorization": f"Bearer {self.token}",
            "User-Agent": f"run-studio/{studio.__version__}",
            "Content-Type": "application/octet-stream" if json is None else "application/json",
        }
        if json is not None and method != "GET":
            sent["Idempotency-Key"] = key or uuid.uuid4().hex
        return sent | dict(headers or {})

    def _once(
        self, method: str, url: str, data: Any, headers: dict[str, str], timeout: float
    ) -> Answer:
        answer = self._open(method, url, data, headers, timeout)
        try:
            body = answer.read()
        except _unreachable_errors() as error:
            raise _silent(self.url, error) from None
        finally:
            answer.release_conn()
        if answer.status >= 300:
            raise _refusal(answer.status, body, self.url)
        return Answer(answer.status, answer.headers, body)

    def _open(
        self,
        method: str,
        url: str,
        data: Any,
        headers: dict[str, str],
        timeout: float = ANSWER_SECONDS,
    ) -> urllib3.BaseHTTPResponse:
        import urllib3

        try:
            return self._pool().urlopen(
                method,
                url,
                body=data,
                headers=headers,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=timeout),
                preload_content=False,
                retries=False,
                # A token is for one studio; it never follows a redirect.
                redirect=False,
            )
        except _unreachable_errors() as error:
            raise _silent(self.url, error) from None

    def _pool(self) -> urllib3.PoolManager:
        # A connection that a fork inherited would mix two conversations.
        if self._connections is None or self._owner != os.getpid():
            import urllib3

            self._connections, self._owner = urllib3.PoolManager(maxsize=8), os.getpid()
        return self._connections


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unreachable_errors() -> tuple[type[Exception], ...]:
    import urllib3.exceptions

    return (urllib3.exceptions.HTTPError, OSError)


def _silent(url: str, error: Exception) -> ServiceException:
    reason = str(error) or type(error).__name__
    return ServiceException(
        f"The studio at {url} does not answer ({reason}). Is it running? "
        "Start it with: .venv/bin/python manage.py up"
    )


def _refusal(status: int, body: bytes, url: str) -> ServiceException:
    try:
        document = json_module.loads(body)
        detail = str(document["detail"])
    except (ValueError, KeyError, TypeError):
        document, detail = {}, f"The studio at {url} answered with status {status}."
    field = f" (field {document['field']})" if document.get("field") else ""
    hint = f" {document['hint']}" if document.get("hint") else ""
    return ServiceException(detail + field + hint, status=status, document=document)
