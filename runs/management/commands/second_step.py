"""``manage.py second_step``: a second step taken away by whoever runs the studio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from runs.access import Actor
from runs.actions import second_steps
from runs.models import User

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """For who has lost both the app and the recovery codes."""

    help = (
        "Take away somebody's second step, and end their sessions: their password alone signs in."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say whose."""
        parser.add_argument("--user", required=True, help="whose")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        """Take it away."""
        person = User.objects.filter(username__iexact=user).first()
        if person is None:
            raise CommandError(f'There is no user "{user}".')
        if not second_steps.reset(person, by=Actor.system("terminal")):
            raise CommandError(f"{person.username} has no second step.")
        self.stdout.write(f"{person.username} signs in with the password alone now.")
