"""``manage.py up``: run the studio."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from runs.management.address import Address
from runs.management.refusal import StartError
from runs.management.starting import run_studio

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from runs.management.first_start import Home


class Command(BaseCommand):
    """Runs web server, worker and agent until Ctrl-C."""

    help = "Run the studio: web server, worker and the agent of its own compute target."
    # The checks would load every page into the one process that needs none.
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: CommandParser) -> None:
        """Add where to listen."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=_port, default=8000, help="port to listen on")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        """Run until somebody stops it; one sentence and exit code 1 when it cannot start."""
        self.address = Address(host, port)
        try:
            run_studio(self.address, say=self.say, what_next=self.what_next)
        except StartError as reason:
            raise SystemExit(str(reason)) from None

    def say(self, text: str) -> None:
        """Print at once, also into a file or a pipe."""
        self.stdout.write(text)
        self.stdout.flush()

    def what_next(self, home: Home) -> str:
        """Return what to do first."""
        return "Open the link: the page says how to send your first run."


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f'a port is a number from 1 to 65535, not "{text}"')
    return int(text)
