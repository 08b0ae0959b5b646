"""``manage.py token``"""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from runs.actions import tokens
from runs.models import User


def printed(*arguments: str) -> str:
    out = io.StringIO()
    call_command("token", *arguments, stdout=out)
    return out.getvalue().strip()


def test_it_prints_a_token_that_opens_the_studio(alice: User, bob: User) -> None:
    found = [tokens.find(printed()), tokens.find(printed("--user", "BOB"))]
    assert [token.user if token else None for token in found] == [alice, bob]


def test_it_knows_nobody_else(db: None) -> None:
    with pytest.raises(CommandError, match="start the studio once"):
        printed()
    with pytest.raises(CommandError, match="no user"):
        printed("--user", "mallory")


def test_it_makes_a_token_of_fewer_scopes(alice: User) -> None:
    token = tokens.find(printed("--scopes", "read"))
    assert token is not None
    assert token.scopes == "read"
    with pytest.raises(CommandError, match="there are read, write, agent"):
        printed("--scopes", "read,all")
