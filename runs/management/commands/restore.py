"""``manage.py restore FILE``: a studio from its backup, into an empty data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from runs.management.backup import reading
from runs.management.backup.layout import BackupError
from runs.management.lock import hold
from runs.management.refusal import StartError

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Brings a studio back."""

    help = "Bring a studio back from its backup, into an empty data folder (STUDIO_DATA_DIR)."
    # There are no tables yet that a check could look at.
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say from what."""
        parser.add_argument("file", type=Path, help="what `manage.py backup` wrote")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Restore it, and say what came back."""
        try:
            hold(settings.DATA_DIR)
            counts = reading.restore(file)
        except (BackupError, StartError, OSError) as error:
            raise CommandError(f"{error}") from None
        self.stdout.write(f"{settings.DATA_DIR}: {counts}.")
        self.stdout.write(
            "Look it over with `manage.py doctor`, then start it with `manage.py up`."
        )
