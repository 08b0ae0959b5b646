"""What the tests of the pages of alerts share: a form as it is sent, an address, a page as it is read."""

from __future__ import annotations

import html

from django.test import Client

FORM = {"name": "Failures", "kind": "status", "statuses": ["Failed"], "channel": "email"}
HOOK = "https://hooks.example.org/secret-path"


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return html.unescape(answer.content.decode())
