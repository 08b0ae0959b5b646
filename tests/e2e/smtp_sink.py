"""A mail server on this machine that keeps what it is given."""

from __future__ import annotations

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage

_ANSWERS = {b"EHLO": b"250 sink", b"HELO": b"250 sink", b"QUIT": b"221 bye"}


class SmtpSink(socketserver.ThreadingTCPServer):
    """Speaks enough SMTP to be given mails; ``mails`` holds them."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails: list[EmailMessage] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """What STUDIO_EMAIL_URL has to be."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.server_close()


class _Talk(socketserver.StreamRequestHandler):
    server: SmtpSink

    def handle(self) -> None:
        self.wfile.write(b"220 sink\r\n")
        for line in self.rfile:
            word = line[:4].strip().upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self._keep()
                word = b""
            self.wfile.write(_ANSWERS.get(word, b"250 ok") + b"\r\n")
            if word == b"QUIT":
                return

    def _keep(self) -> None:
        lines: list[bytes] = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b"."))
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.server.mails.append(mail)
