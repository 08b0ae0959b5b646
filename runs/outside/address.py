"""Where a request may go: the text of an address, and every number that its name stands for.

What is not plainly public is refused. Networks of one's own can be allowed, each by its numbers;
the services that hand out a machine's keys never.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs.actions.refused import Refused
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Sequence

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

RESOLVE_SECONDS = 3.0
# Where a network of one's own is allowed, unless somebody else asks.
WEBHOOKS = "STUDIO_WEBHOOK_ALLOW"
_PORTS = {"http": 80, "https": 443}
# Whatever is allowed: the machine's own keys are to be had there.
_METADATA = [
    ipaddress.ip_network(text)
    for text in (
        "169.254.0.0/16",
        "fe80::/10",
        "fd00:ec2::254/128",
        "100.100.100.200/32",
        "168.63.129.16/32",
    )
]
# These carry another address inside, which would have to be guarded as well.
_TUNNELS = [
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::ffff:0:0:0/96")
]
# Python takes these for public; they are somebody's own, or nobody's.
_NOT_PUBLIC = [
    ipaddress.ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")
]
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
# Our own reading, so that no two libraries can read one text differently.
_SHAPE = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[0-9a-z._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[!$-;=?-\[\]_a-z~]*)?",
    re.IGNORECASE | re.ASCII,
)
_LABEL = re.compile(r"[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.IGNORECASE | re.ASCII)


class OutsideError(Exception):
    """A request may not go there, or does not arrive; ``is_final``: no later try would."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the web that can be meant; ``path`` has its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def place(self) -> str:
        """What the header Host says: the host, and the port unless everybody knows it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def read(text: str, field: str) -> Address:
    """Return the address that a text says.

    Raises:
        Refused: no address of the web, one with a user, or a host that is no full name or number.
    """
    found = _SHAPE.fullmatch(text) if len(text) <= limits.ALERT_TARGET else None
    if found is None:
        raise _unreadable(field)
    scheme = found["scheme"].lower()
    host = found["host"].lower().strip("[]")
    port = int(found["port"]) if found["port"] else _PORTS[scheme]
    if not 0 < port < 65_536 or not (_is_number(found["host"]) or _is_name(host)):
        raise _unreadable(field)
    return Address(scheme, host, port, found["path"] or "/")


def resolve(address: Address, allowed: Sequence[Network], setting: str = WEBHOOKS) -> list[IP]:
    """Return the numbers that the host stands for; every one of them may be asked.

    Raises:
        OutsideError: there are none, or one of them may not be asked.
    """
    numbers = _look_up(address.host, address.port)
    if not numbers:
        raise OutsideError(f"The name {address.host} leads nowhere.")
    for number in numbers:
        reason = refusal(number, allowed, setting)
        if reason:
            raise OutsideError(reason, is_final=True)
    return numbers


def refusal(number: IP, allowed: Sequence[Network], setting: str = WEBHOOKS) -> str:
    """Return why nothing is sent to that number, "" if it may be asked."""
    plain = (number.ipv4_mapped or number) if number.version == 6 else number
    if any(plain in network for network in _METADATA):
        return f"{plain} hands out keys of machines; nothing is ever sent there."
    if plain.version == 6 and any(plain in network for network in _TUNNELS):
        return f"{plain} is an address inside another one; nothing is sent there."
    if any(plain in network for network in allowed):
        return ""
    is_public = plain.is_global and not plain.is_multicast and not plain.is_reserved
    is_public = is_public and not any(plain in network for network in _NOT_PUBLIC)
    if is_public and (plain.version == 4 or plain in _PUBLIC_V6):
        return ""
    return (
        f"{plain} is not on the public network. Whoever runs the studio can allow it in {setting}."
    )


def _look_up(host: str, port: int) -> list[IP]:
    """Ask for the numbers of a name; a thread, for the system's own question knows no end."""
    found: list[IP] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        numbers = [ipaddress.ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]
        found.extend(dict.fromkeys(numbers))

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(RESOLVE_SECONDS)
    return [] if asking.is_alive() else found


def _is_number(host: str) -> bool:
    """Whether it is an address in full: four decimal parts, or one of IPv6 in brackets."""
    try:
        if host.startswith("["):
            ipaddress.IPv6Address(host.strip("[]"))
        else:
            ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _is_name(host: str) -> bool:
    """Whether it is a name in full: with a dot, and no number in disguise at its end."""
    labels = host.split(".")
    return (
        len(host) <= 253
        and len(labels) > 1
        and all(map(_LABEL.fullmatch, labels))
        and not _NUMBER.fullmatch(labels[-1])
    )


def _unreadable(field: str) -> Refused:
    return Refused(
        Code.BAD_REQUEST,
        "This should be a whole address of the web, without a user name.",
        field=field,
        hint="For example https://hooks.example.org/runs, or http://192.0.2.1:8080/.",
    )
