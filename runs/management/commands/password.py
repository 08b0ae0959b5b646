"""``manage.py password``: a password set by whoever runs the studio."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from runs.access import Actor
from runs.actions import passwords
from runs.actions.refused import Refused
from runs.management.first_start import find_or_make_home
from runs.management.refusal import StartError
from runs.models import User

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from django.core.management.base import OutputWrapper


class Command(BaseCommand):
    """Asks for it twice at a terminal; reads one line where there is none."""

    help = "Set somebody's password; makes the first owner where nobody is yet."
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say whose."""
        parser.add_argument("--user", help="whose; the first owner's unless told otherwise")

    def handle(self, *args: Any, user: str | None, **options: Any) -> None:
        """Set it; every session of that person ends."""
        person = _person(user)
        try:
            new = _asked(person, self.stderr)
            passwords.put(person, new, by=Actor.system("terminal"))
        except Refused as refused:
            raise CommandError(refused.detail) from None
        self.stdout.write(f"{person.username} signs in with the new password.")


def _person(name: str | None) -> User:
    if User._meta.db_table not in connection.introspection.table_names():
        call_command("migrate", verbosity=0, interactive=False)
    if name is None:
        try:
            return find_or_make_home().owner
        except StartError as reason:
            raise CommandError(str(reason)) from None
    person = User.objects.filter(username__iexact=name, is_active=True).first()
    if person is None:
        raise CommandError(f'There is no user "{name}".')
    return person


def _asked(person: User, out: OutputWrapper) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    out.write(f"A new password for {person.username}, at least 12 characters.")
    new = getpass.getpass("Password: ")
    if new != getpass.getpass("Once more: "):
        raise passwords.unlike()
    return new
