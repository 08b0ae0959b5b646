"""``manage.py doctor``: looks the studio over and says how to mend what is wrong."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from runs.management.doctor import database, machine, services
from runs.management.doctor.finding import Level, broken

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator

    from runs.management.doctor.finding import Finding


class Command(BaseCommand):
    """Prints what it found; exit code 1 when something is broken."""

    help = "Look over database, disk, clock, worker, files, mail and settings, and say how to mend them."
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say how to print."""
        parser.add_argument("--json", action="store_true", help="print one JSON array")

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        """Look, and print."""
        findings = list(_look())
        self.stdout.write(_as_json(findings) if json else _as_text(findings))
        if any(each.level is Level.FAIL for each in findings):
            raise SystemExit(1)


def _look() -> Iterator[Finding]:
    yield from machine.look()
    yield from (found := list(database.look()))
    if any(each.level is Level.FAIL for each in found):
        # The rest reads tables that may not be there.
        return
    try:
        yield from services.look()
    except OSError as error:
        yield broken(
            "files", f"they cannot be used: {error}", "Look at the data folder and its disk."
        )


def _as_json(findings: list[Finding]) -> str:
    return json.dumps([asdict(each) for each in findings], indent=2)


def _as_text(findings: list[Finding]) -> str:
    lines = []
    for each in findings:
        lines.append(f"{each.level:5} {each.about:12} {each.says}")
        if each.mend:
            lines.append(f"{'':19}→ {each.mend}")
    return "\n".join(lines)
