"""``manage.py bench_data``: a studio full of plausible runs, to measure it with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from runs.management.bench_runs import BenchRuns
from runs.management.bench_words import PREFIX
from runs.management.first_start import find_or_make_home
from runs.models import Run

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Adds runs to a data folder that holds none but such runs."""

    help = "Fill an empty studio with plausible runs, to measure it with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say how many."""
        parser.add_argument(
            "--runs", type=int, default=100_000, help="how many; 100,000 if not said"
        )

    def handle(self, *, runs: int, **options: Any) -> None:
        """Write them and say how fast that was; one sentence where people work."""
        if runs < 1:
            raise CommandError(f"--runs: {runs} runs cannot be made; say 1 or more.")
        if Run.objects.exclude(run_id__startswith=PREFIX).exists():
            raise CommandError(
                f"{settings.DATA_DIR} holds runs of people, which must not stand among made-up ones. "
                "Name another folder by STUDIO_DATA_DIR."
            )
        home = find_or_make_home()
        began = time.monotonic()
        for done in BenchRuns(home.workspace, home.owner).add(runs):
            if done % 100_000 == 0:
                self.stdout.write(f"{done:,} runs, {time.monotonic() - began:.0f} s")
        rate = runs / (time.monotonic() - began)
        self.stdout.write(f"{runs:,} runs with their indexes: {rate:,.0f} a second.")
