"""Where a request comes from."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of(request: HttpRequest) -> str:
    """Return the caller's address: of a trusted proxy's word the last one that it did not trust.

    Anybody can write an X-Forwarded-For, so it counts only as far as our own proxies have written it.
    """
    peer = _ip(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while peer is not None and _is_trusted(peer) and forwarded:
        before = _ip(forwarded.pop())
        if before is None:
            break
        peer = before
    return "" if peer is None else str(peer)


def _is_trusted(peer: _Ip) -> bool:
    return any(peer in network for network in settings.TRUSTED_PROXIES)


def _ip(text: str) -> _Ip | None:
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    # A socket of both families tells an IPv4 address in the clothes of IPv6.
    return getattr(found, "ipv4_mapped", None) or found
