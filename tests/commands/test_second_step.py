"""``manage.py second_step``"""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from runs.actions import second_steps
from runs.models import AuditEvent, SecondStep, User


def test_it_takes_away_a_second_step_that_was_lost(alice: User) -> None:
    SecondStep.objects.create(user=alice, salt="s")
    out = io.StringIO()
    call_command("second_step", "--user", "ALICE", stdout=out)
    assert "alice signs in with the password alone" in out.getvalue()
    assert not second_steps.is_on(alice)
    told = AuditEvent.objects.get(verb="second_step.reset")
    assert (told.actor_name, told.about) == ("terminal", "alice")


def test_it_says_when_there_is_nothing_to_take_away(alice: User) -> None:
    for name, reason in (("mallory", "no user"), ("alice", "no second step")):
        with pytest.raises(CommandError, match=reason):
            call_command("second_step", "--user", name)
