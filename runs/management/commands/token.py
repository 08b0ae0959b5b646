"""``manage.py token``: a new API token, for the SDK and for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from runs.access import Actor
from runs.actions import tokens
from runs.actions.refused import Refused
from runs.models import User
from studio.contract import limits
from studio.contract.words import Scope

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Prints the token once; the studio keeps only its hash."""

    help = "Prints a new API token."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say for whom."""
        parser.add_argument("--user", help="for whom; the first owner unless told otherwise")
        scopes = ",".join(Scope)
        parser.add_argument("--scopes", default=scopes, help=f"what it is for: {scopes}")

    def handle(self, *args: Any, user: str | None, scopes: str, **options: Any) -> None:
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
        by = Actor.system("terminal")
        try:
            asked = scopes.split(",")
            plain, _ = tokens.make(person, name, by=by, scopes=asked, days=limits.TOKEN_DAYS)
        except Refused as refused:
            raise CommandError(refused.detail) from None
        self.stdout.write(plain)
