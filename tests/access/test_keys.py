"""Tokens and sign-in links."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs.actions import accounts, tokens
from runs.actions.refused import Refused
from runs.models import ApiToken, SignInLink, User


def test_only_the_hash_of_a_token_is_kept(alice: User) -> None:
    plain = tokens.issue(alice, "laptop")
    token = tokens.find(plain)
    assert token is not None
    assert token.user == alice
    assert plain not in str(ApiToken.objects.values())
    assert token.prefix == plain[:12]


def test_a_revoked_or_expired_token_is_dead(alice: User) -> None:
    token = tokens.find(tokens.issue(alice, "laptop", days=1))
    assert token is not None
    assert token.is_live
    token.expires_at = timezone.now() - timedelta(seconds=1)
    assert not token.is_live
    token.expires_at = None
    tokens.revoke(token)
    assert not token.is_live


@pytest.mark.parametrize("text", ["", "stu_", "x" * 47, "stu_" + "a" * 42, "stu_" + "é" * 43])
def test_what_is_no_token_finds_nothing(alice: User, text: str) -> None:
    assert tokens.find(text) is None
    with pytest.raises(Refused):
        tokens.adopt(alice, "bootstrap", text)


def test_a_sign_in_link_works_once(alice: User) -> None:
    secret = accounts.sign_in_link(alice)
    assert accounts.use_sign_in_link(secret) == alice
    with pytest.raises(Refused):
        accounts.use_sign_in_link(secret)


def test_an_old_sign_in_link_is_dead(alice: User) -> None:
    secret = accounts.sign_in_link(alice)
    SignInLink.objects.update(expires_at=timezone.now())
    with pytest.raises(Refused):
        accounts.use_sign_in_link(secret)
