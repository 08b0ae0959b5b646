"""``manage.py rebuild_index``: write what the run list finds and counts by anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from runs.actions import indexing


class Command(BaseCommand):
    """Writes search documents and status counts of all runs anew, while the studio may run."""

    help = "Write the search documents and the status counts of all runs anew."

    def handle(self, **options: Any) -> None:
        """Do it, and say how many runs there are."""
        self.stdout.write(f"Search documents and counts of {indexing.rebuild():,} runs written.")
