"""One request to an address that somebody wrote: to a number that was checked, with an end to everything."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs.outside.address import WEBHOOKS, OutsideError, read, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runs.outside.address import IP, Address, Network

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
ANSWER_BYTES = 64 * 1024
_PIECE = 8 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side answers; of ``body`` no more than ``ANSWER_BYTES``."""

    status: int
    body: bytes


def post(text: str, body: bytes, headers: Mapping[str, str], *, allowed: Sequence[Network]) -> int:
    """Return the status code that the other side answers with; what it says is read by nobody."""
    return ask("POST", text, body, headers, allowed=allowed).status


def ask(
    method: str,
    text: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allowed: Sequence[Network],
    setting: str = WEBHOOKS,
) -> Answer:
    """Return what the other side answers. No redirect is followed.

    ``setting`` is where whoever runs the studio can allow the address.

    Raises:
        OutsideError: the address may not be asked, or does not answer in time.
    """
    address = read(text, "target")
    ends_at = time.monotonic() + TOTAL_SECONDS
    numbers = resolve(address, allowed, setting)
    connection = _Pinned(address, numbers)
    # Each single wait has its end already; this is the end of all of them together.
    alarm = threading.Timer(max(ends_at - time.monotonic(), 0.0), connection.cut)
    alarm.daemon = True
    alarm.start()
    try:
        return _exchange(connection, method, address, body, headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = connection.was_cut or isinstance(error, TimeoutError)
        reason = f"No answer within {TOTAL_SECONDS:g} seconds." if late else _in_words(error)
        raise OutsideError(reason) from None
    finally:
        alarm.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to numbers that were checked: the name is not asked for again."""

    def __init__(self, address: Address, numbers: list[IP]) -> None:
        super().__init__(address.host, address.port, timeout=TOTAL_SECONDS)
        self._address = address
        self._numbers = numbers
        # The library lets go of its own once an answer has begun.
        self._plug: socket.socket | None = None
        self.was_cut = False

    def connect(self) -> None:
        """Connect to the first number that takes it."""
        for place, number in enumerate(self._numbers):
            try:
                self._reach(number)
            except OSError:
                self.close()
                if self.was_cut or place == len(self._numbers) - 1:
                    raise
            else:
                return

    def cut(self) -> None:
        """End whatever is going on."""
        self.was_cut = True
        if self._plug is not None:
            # Another thread waits in it; closing alone would not wake that one.
            with contextlib.suppress(OSError):
                self._plug.shutdown(socket.SHUT_RDWR)

    def _reach(self, number: IP) -> None:
        family = socket.AF_INET6 if number.version == 6 else socket.AF_INET
        # Known at once, so that whoever cuts finds it also while the two sides greet each other.
        self.sock = self._plug = socket.socket(family, socket.SOCK_STREAM)
        self.sock.settimeout(CONNECT_SECONDS)
        self.sock.connect((str(number), self._address.port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._address.scheme == "https":
            context = ssl.create_default_context()
            greeted = context.wrap_socket(
                self.sock, server_hostname=self._address.host, do_handshake_on_connect=False
            )
            self.sock = self._plug = greeted
            greeted.do_handshake()
        self.sock.settimeout(TOTAL_SECONDS)


def _exchange(
    connection: _Pinned, method: str, address: Address, body: bytes, headers: Mapping[str, str]
) -> Answer:
    connection.putrequest(method, address.path, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", address.place)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.putheader("Connection", "close")
    connection.endheaders(body)
    answer = connection.getresponse()
    # Read also where nobody looks at it, so that the other side can finish.
    said = bytearray()
    while len(said) < ANSWER_BYTES and (piece := answer.read(_PIECE)):
        said += piece
    if connection.was_cut:
        raise TimeoutError
    return Answer(answer.status, bytes(said))


def _in_words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate is not good: {error.verify_message}."
    if isinstance(error, ConnectionRefusedError):
        return "Nobody listens there: the connection was refused."
    if isinstance(error, OSError) and error.strerror:
        return f"It cannot be reached: {error.strerror}."
    return "It gave no proper answer."
