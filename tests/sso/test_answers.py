"""What comes back from the provider: taken only if it is signed, for us, fresh, and of this attempt."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import LazySettings
from django.test import Client

from runs.models import AuditEvent, User
from runs.sso import provider
from tests.sso.conftest import came_back, is_in, sent_back
from tests.sso.oidc_provider import Claims, Provider


@pytest.fixture(autouse=True)
def _everybody(settings: LazySettings) -> None:
    """Let in whoever is proved, so that only the proof can be what keeps somebody out."""
    settings.OIDC_MAKE_USERS, settings.OIDC_DOMAINS = True, ["*"]


def refused(answer: Any, client: Client, reason: str) -> None:
    assert answer.status_code == 403
    assert reason in answer.content.decode().replace("&#x27;", "'")
    assert not is_in(client)
    assert not User.objects.filter(username="grace").exists()
    told = AuditEvent.objects.get(verb="sign_in.fail")
    assert told.after is not None
    assert told.after["by"] == "single sign-on"


def test_who_is_proved_comes_in(there: Provider) -> None:
    client = Client()
    assert came_back(client).status_code == 302
    assert is_in(client)


def unsigned(there: Provider, claims: Claims) -> str:
    return jwt.encode(claims, "", algorithm="none")


def signed_by_our_own_secret(there: Provider, claims: Claims) -> str:
    parts = [{"alg": "HS256", "kid": next(iter(there.keys))}, claims]
    text = b".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in parts)
    return f"{text.decode()}.{'A' * 43}"


def signed_by_another(there: Provider, claims: Claims) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": next(iter(there.keys))})


def signed_by_an_unknown_key(there: Provider, claims: Claims) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "elsewhere"})


def nonsense(there: Provider, claims: Claims) -> str:
    return "no.token.atall"


@pytest.mark.parametrize(
    ("sign", "reason"),
    [
        (unsigned, "not signed in a way that proves anything"),
        (signed_by_our_own_secret, "not signed in a way that proves anything"),
        (signed_by_another, "the signature is wrong"),
        (signed_by_an_unknown_key, "a key that it does not publish"),
        (nonsense, "it cannot be read"),
    ],
)
def test_what_the_provider_has_not_signed_is_refused(
    there: Provider, sign: Callable[[Provider, Claims], str], reason: str
) -> None:
    there.sign = sign
    client = Client()
    refused(came_back(client), client, reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"nonce": "another"}, "another attempt"),
        ({"nonce": None}, "another attempt"),
        ({"aud": "another"}, "for another program"),
        ({"aud": ["studio", "another"]}, "for another program"),
        ({"azp": "another"}, "for another program"),
        ({"iss": "https://evil.example"}, "not by the provider"),
        ({"exp": 1}, "it has expired"),
        ({"exp": None}, "a part of it is missing"),
        ({"iat": 99_999_999_999}, "the clocks differ"),
        ({"sub": None}, "a part of it is missing"),
        ({"sub": ""}, "does not say who you are"),
        ({"sub": "a\0b"}, "does not say who you are"),
        ({"email_verified": False}, "is verified"),
        ({"email_verified": "true"}, "is verified"),
        ({"email": "no address"}, "is verified"),
    ],
)
def test_claims_that_are_not_right_are_refused(
    there: Provider, change: Claims, reason: str
) -> None:
    def spoil(claims: Claims) -> None:
        claims.update(change)
        for name in [name for name, value in change.items() if value is None]:
            del claims[name]

    there.spoil = spoil
    client = Client()
    refused(came_back(client), client, reason)


def test_a_token_for_several_is_good_if_it_was_asked_for_by_us(there: Provider) -> None:
    there.spoil = lambda claims: claims.update(aud=["studio", "another"], azp="studio")
    client = Client()
    came_back(client)
    assert is_in(client)


def test_an_answer_of_another_attempt_is_refused(there: Provider) -> None:
    client = Client()
    sent_back(client)
    refused(client.get("/sign-in/single/back/?code=x&state=y"), client, "another attempt")


def test_an_answer_that_this_browser_has_not_asked_for_is_refused(there: Provider) -> None:
    hers, his = Client(), Client()
    refused(his.get(sent_back(hers)), his, "has not begun to sign in")


def test_an_answer_is_good_once(there: Provider) -> None:
    client = Client()
    back = sent_back(client)
    client.get(back)
    client.post("/sign-out/")
    assert client.get(back).status_code == 403
    assert not is_in(client)


def test_an_answer_that_comes_late_is_refused(
    there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    back, now = sent_back(client), time.time()
    monkeypatch.setattr("runs.views.single_sign_on.time.time", lambda: now + 601)
    refused(client.get(back), client, "took too long")


def test_an_answer_of_another_provider_is_refused(there: Provider) -> None:
    client = Client()
    back = sent_back(client) + "&iss=https%3A%2F%2Fevil.example"
    refused(client.get(back), client, "by another provider")


def test_what_the_provider_says_against_it_is_told_and_not_run(there: Provider) -> None:
    client = Client()
    state = sent_back(client).rpartition("state=")[2]
    said = f"error=access_denied&error_description=<script>&state={state}"
    answer = client.get(f"/sign-in/single/back/?{said}")
    refused(answer, client, "access_denied: &lt;script&gt;")


def test_a_code_that_the_provider_does_not_know_is_refused(there: Provider) -> None:
    client = Client()
    back = sent_back(client)
    there.codes.clear()
    refused(client.get(back), client, "It answered 400")


def test_new_keys_are_asked_for_once_a_token_names_one(there: Provider) -> None:
    came_back(Client())
    there.rotate()
    client = Client()
    assert came_back(client).status_code == 302
    assert is_in(client)
    assert there.asked.count("/keys") == 2
    assert there.asked.count("/.well-known/openid-configuration") == 1


def test_a_secret_goes_into_the_form_where_the_provider_wants_it(there: Provider) -> None:
    there.about = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    client = Client()
    came_back(client)
    assert is_in(client)


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"issuer": "https://evil.example"}, "calls itself otherwise"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
        ({"authorization_endpoint": None}, "authorization_endpoint"),
    ],
)
def test_a_provider_that_tells_nonsense_of_itself_is_not_gone_to(
    there: Provider, about: Claims, reason: str
) -> None:
    there.about = about
    client = Client()
    refused(client.get("/sign-in/single/"), client, reason)


@pytest.mark.parametrize("part", ["token_endpoint", "jwks_uri"])
def test_no_part_of_the_provider_is_asked_in_a_network_that_is_not_allowed(
    there: Provider, part: str
) -> None:
    there.about = {part: "http://169.254.169.254/latest/"}
    client = Client()
    refused(came_back(client), client, "nothing is ever sent there")


def test_a_provider_of_ones_own_network_is_asked_only_if_it_is_allowed(
    there: Provider, settings: LazySettings
) -> None:
    settings.OIDC_ALLOW = []
    client = Client()
    refused(client.get("/sign-in/single/"), client, "by https only")
    provider.forget()
    settings.OIDC_ISSUER = there.issuer.replace("http:", "https:")
    answer = client.get("/sign-in/single/")
    assert "can allow it in STUDIO_OIDC_ALLOW" in answer.content.decode()


def test_a_provider_that_does_not_answer_is_spared_for_a_while(there: Provider) -> None:
    there.about = {"issuer": "https://evil.example"}
    there.server.shutdown()
    there.server.server_close()
    for _ in range(2):
        answer = Client().get("/sign-in/single/")
        assert "the connection was refused" in answer.content.decode()
    assert there.asked == []
