"""Where a request comes from, and whose word counts for it."""

from __future__ import annotations

import ipaddress

import pytest
from django.conf import LazySettings
from django.http import HttpRequest

from runs.peers import address_of

NETWORKS = [ipaddress.ip_network(n) for n in ("127.0.0.0/8", "10.0.0.0/8", "::1")]


def told(peer: str, forwarded: str = "") -> str:
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}
    return address_of(request)


def test_nobody_is_believed_unless_told_so(settings: LazySettings) -> None:
    assert settings.TRUSTED_PROXIES == []
    assert told("127.0.0.1", "203.0.113.9") == "127.0.0.1"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::1", "2001:db8::5", "2001:db8::5"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        # What the caller wrote himself stands before what our proxies have added.
        ("127.0.0.1", "198.51.100.1, 203.0.113.9, 10.1.1.1", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "garbage", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("", "203.0.113.9", ""),
    ],
)
def test_a_proxy_of_ours_is_believed(
    settings: LazySettings, peer: str, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = NETWORKS
    assert told(peer, forwarded) == address
