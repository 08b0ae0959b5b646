"""A network between writers and a studio that can be spoiled in five ways."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
from collections import Counter
from enum import StrEnum

from tests.acceptance.studio_process import free_port

_PIECE = 65_536


class Mode(StrEnum):
    PASS = "pass"
    PAUSE = "pause"
    REFUSE = "refuse"
    CUT_IN_REQUEST = "cut in the request"
    CUT_IN_ANSWER = "cut in the answer"


class Proxy:
    """Listens on a port of its own and passes on what comes, as its mode says.

    ``faults`` counts what each mode has really done to a connection.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.faults: Counter[Mode] = Counter()
        self.random = random.Random(7)
        self.changed = threading.Condition()
        self.mode = Mode.PASS
        self._links: list[_Link] = []
        self._listener = self._listen()

    def set(self, mode: Mode) -> None:
        """Spoil the network in this way from now on."""
        with self.changed:
            before, self.mode = self.mode, mode
            self.changed.notify_all()
        if mode is Mode.REFUSE:
            self._hang_up()
        elif before is Mode.REFUSE:
            self._listener = self._listen()

    def close(self) -> None:
        self.set(Mode.REFUSE)

    def count(self) -> None:
        with self.changed:
            self.faults[self.mode] += 1

    def wait_while_paused(self) -> Mode:
        """Return the mode in which a piece may go on."""
        with self.changed:
            if self.mode is Mode.PAUSE:
                self.faults[Mode.PAUSE] += 1
            self.changed.wait_for(lambda: self.mode is not Mode.PAUSE)
            return self.mode

    def _listen(self) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                self._links.append(_Link(self, client))
            except OSError:
                client.close()

    def _hang_up(self) -> None:
        # Closing alone would not wake the thread that accepts.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        links, self._links = self._links, []
        for link in links:
            if link.cut(hard=True):
                self.count()


class _Link:
    """One connection, passed on by a thread for each direction."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = socket.create_connection(("127.0.0.1", proxy.target), timeout=5)
        self._server.settimeout(None)
        self._is_open = True
        for ends in ((client, self._server), (self._server, client)):
            threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def cut(self, *, hard: bool) -> bool:
        """Close both ends, ``hard`` with a reset; returns whether they were open."""
        was_open, self._is_open = self._is_open, False
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                if hard:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # A thread that still reads would keep the connection open behind this.
                end.shutdown(socket.SHUT_RD if hard else socket.SHUT_RDWR)
            end.close()
        return was_open

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        spoiled = Mode.CUT_IN_REQUEST if source is self._client else Mode.CUT_IN_ANSWER
        with contextlib.suppress(OSError):
            while data := source.recv(_PIECE):
                if self._proxy.wait_while_paused() is spoiled:
                    sink.sendall(data[: self._proxy.random.randrange(len(data))])
                    self._proxy.count()
                    self.cut(hard=self._proxy.random.random() < 0.5)
                    return
                sink.sendall(data)
        self.cut(hard=False)
