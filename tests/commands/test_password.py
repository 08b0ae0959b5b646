"""``manage.py password``"""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from runs.actions import passwords
from runs.models import AuditEvent, User

GOOD = "seven quiet otters"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))


def test_it_makes_the_first_owner_and_sets_the_password(db: None, typed: None) -> None:
    call_command("password", stdout=io.StringIO())
    owner = User.objects.get()
    assert passwords.sign_in(owner.username, GOOD, address="") == owner
    told = AuditEvent.objects.get(verb="password.set")
    assert (told.actor_kind, told.actor_name) == ("system", "terminal")


def test_it_sets_that_of_somebody_else(bob: User, typed: None) -> None:
    call_command("password", "--user", "BOB", stdout=io.StringIO())
    assert passwords.sign_in("bob", GOOD, address="") == bob


def test_it_says_what_is_wrong(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="no user"):
        call_command("password", "--user", "mallory")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError, match="12 characters"):
        call_command("password", "--user", "alice")
