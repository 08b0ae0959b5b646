"""``manage.py up``: run the studio."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from runs.management.address import Address
from runs.management.handover import become_supervisor
from runs.management.refusal import StartError
from runs.management.starting import make_ready

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from runs.management.first_start import Home
    from runs.management.plan import Plan


class Command(BaseCommand):
    """Runs web server, worker and agent until Ctrl-C."""

    help = "Run the studio: web server, worker and the agent of its own compute target."
    # The checks would load every page into a process that needs none.
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: CommandParser) -> None:
        """Add where to listen."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=_port, default=8000, help="port to listen on")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        """Run until somebody stops it; one sentence and exit code 1 when it cannot start."""
        address = Address(host, port)
        try:
            plan = self.completed(*make_ready(address), address)
        except StartError as reason:
            raise SystemExit(str(reason)) from None
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        become_supervisor(plan)

    def completed(self, plan: Plan, home: Home, address: Address) -> Plan:
        """Return the plan with what this command adds to it."""
        first = "Open the link: the page says how to send your first run."
        return replace(plan, greeting=f"{plan.greeting}\n{first}")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f'a port is a number from 1 to 65535, not "{text}"')
    return int(text)
