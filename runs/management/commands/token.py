"""``manage.py token``: a new API token, for the SDK and for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from runs.actions import tokens
from runs.models import User

if TYPE_CHECKING:
    from argparse import ArgumentParser

DAYS = 365


class Command(BaseCommand):
    """Prints the token once; the studio keeps only its hash."""

    help = "Prints a new API token."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say for whom."""
        parser.add_argument("--user", help="for whom; the first owner unless told otherwise")

    def handle(self, *args: Any, user: str | None, **options: Any) -> None:
        """Issue it."""
        people = User.objects.filter(is_active=True).order_by("pk")
        person = people.filter(username__iexact=user).first() if user else people.first()
        if person is None:
            raise CommandError(
                f'There is no user "{user}".'
                if user
                else "Nobody is here yet: start the studio once."
            )
        name = f"made at a terminal on {timezone.now():%Y-%m-%d}"
        self.stdout.write(tokens.issue(person, name, days=DAYS))
