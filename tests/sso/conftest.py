"""A provider, the settings that name it, and a browser that goes there and back."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from django.test import Client

from runs.models import User, Workspace
from runs.sso import provider
from tests.sso.oidc_provider import CLIENT, SECRET, Provider, followed, oidc_provider

GOOD = "seven quiet otters"
GRACE = {
    "sub": "g-1",
    "email": "grace@example.org",
    "email_verified": True,
    "name": "Grace",
    "preferred_username": "grace",
}


@pytest.fixture
def there(settings: LazySettings, workspace: Workspace) -> Iterator[Provider]:
    """The provider of this studio; Grace is signed in there."""
    with oidc_provider() as made:
        made.person = dict(GRACE)
        settings.OIDC_ISSUER, settings.OIDC_NAME = made.issuer, "Example"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
        settings.OIDC_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
        provider.forget()
        yield made
        provider.forget()


@pytest.fixture
def ada(alice: User, workspace: Workspace) -> User:
    """Alice, whose e-mail here is the one that the provider knows."""
    alice.email = "Grace@example.org"
    alice.set_password(GOOD)
    alice.save()
    return alice


def sent_back(client: Client, way_on: str = "") -> str:
    """Go to the provider; return where it sends the browser back to, as our own address."""
    began = client.get("/sign-in/single/", {"next": way_on} if way_on else {})
    assert began.status_code == 302, began.content
    back = urlsplit(followed(began["Location"]))
    return f"{back.path}?{back.query}"


def came_back(client: Client, way_on: str = "") -> Any:
    """Go to the provider and back; return our answer."""
    return client.get(sent_back(client, way_on))


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200
