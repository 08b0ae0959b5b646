"""``manage.py worker``: the worker alone, for a studio whose web server runs elsewhere."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from runs.management.stopping import StopAsked
from runs.management.watching import watch_here


class Command(BaseCommand):
    """Does the duties of a worker until it is stopped."""

    help = (
        "Watch for silent runs, carry out tasks, empty the bin. `up` and `demo` do this themselves."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012

    def handle(self, **options: Any) -> None:
        """Run until SIGTERM or Ctrl-C."""
        stop = StopAsked()
        self.stdout.write(
            "The worker watches for silent runs and carries out tasks. Ctrl-C stops it."
        )
        self.stdout.flush()
        watch_here(stop.wait)
