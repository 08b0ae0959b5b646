"""Browsers of the cast, and a quick way to fill a list."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from runs.models import User

Browser = Callable[[User], Client]


@pytest.fixture
def browser() -> Browser:
    """Sign a person in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
