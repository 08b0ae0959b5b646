"""``manage.py backup FILE``: everything the studio keeps, in one file, while it is in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from runs.management.backup import writing
from runs.management.backup.layout import BackupError

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Writes a backup."""

    help = "Write everything the studio keeps into one tar file. The studio may be in use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say where to."""
        parser.add_argument("file", type=Path, help="a new file; one that ends in .gz is packed")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Write it, and say what it holds."""
        if file.exists():
            raise CommandError(f"{file} is there already: name a new file.")
        try:
            counts = writing.write(file)
        except (BackupError, OSError) as error:
            raise CommandError(f"No backup was made: {error}") from None
        self.stdout.write(f"{file}: {counts}.")
        self.stdout.write(
            "It holds the secret key and all tokens' hashes: keep it as you keep those."
        )
