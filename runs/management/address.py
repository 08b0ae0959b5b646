"""Where the studio listens."""

from __future__ import annotations

import errno
import ipaddress
import socket
from dataclasses import dataclass

from runs.management.refusal import StartError

_LOOK_SECONDS = 2.0
# Any studio answers to the name localhost, whatever its public one is.
_LOOK = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_NEIGHBOURS = 50
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Address:
    """A host, as a name or an address, and a port."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The address for a browser on this machine, where it can be reached from here."""
        host = self._reachable()
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def check(self) -> None:
        """See that it is ours to listen on.

        Raises:
            StartError: in use, forbidden, or no address of this machine.
        """
        reason = self._refusal(self.port)
        if reason is None:
            return
        if reason == errno.EADDRINUSE:
            way_out = self._free_neighbour()
            raise StartError(
                f"Port {self.port} on {self.host} is in use by another program. "
                f"Choose another one: --port {way_out}"
            )
        if reason == errno.EACCES:
            raise StartError(
                f"This account may not use port {self.port}. "
                "Choose one from 1024 on, such as --port 8000"
            )
        raise StartError(
            f'"{self.host}" is no address of this machine. Choose one that is: --host 127.0.0.1'
        )

    def is_healthy(self) -> bool:
        """Whether a studio answers there that all is well."""
        # By hand: http.client would cost the supervisor a third of its memory.
        place = (self._reachable(), self.port)
        try:
            with socket.create_connection(place, timeout=_LOOK_SECONDS) as connection:
                connection.sendall(_LOOK)
                return connection.recv(64).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False

    def _reachable(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    def _refusal(self, port: int) -> int | None:
        """Return why that port cannot be listened on, as an errno; None when it can."""
        try:
            family, kind, _, _, place = socket.getaddrinfo(
                self.host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(place)
                # Two may bind to one port with that option; only one may listen.
                probe.listen(1)
        except (socket.gaierror, UnicodeError):
            return errno.EADDRNOTAVAIL
        except OSError as error:
            return error.errno
        return None

    def _free_neighbour(self) -> int:
        for port in range(self.port + 1, min(self.port + _NEIGHBOURS, _LAST_PORT + 1)):
            if self._refusal(port) is None:
                return port
        return 8000
