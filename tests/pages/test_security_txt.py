"""``/.well-known/security.txt``, as RFC 9116 wants it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

PLACE = "/.well-known/security.txt"


def test_it_says_where_a_weakness_is_reported(client: Client, settings: LazySettings) -> None:
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    settings.PUBLIC_URL = "https://runs.example.org"
    answer = client.get(PLACE)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    told = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert told["Contact"] == "mailto:security@example.org"
    assert told["Canonical"] == f"https://runs.example.org{PLACE}"
    ahead = datetime.fromisoformat(told["Expires"]) - timezone.now()
    assert timedelta(days=30) < ahead < timedelta(days=365)


def test_without_a_contact_there_is_none(client: Client, db: None) -> None:
    assert client.get(PLACE).status_code == 404
