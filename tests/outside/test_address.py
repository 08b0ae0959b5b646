"""Where a request to somebody's address may go."""

from __future__ import annotations

import ipaddress
import socket
import threading
from typing import Any

import pytest

from runs.actions.refused import Refused
from runs.outside import address
from runs.outside.address import OutsideError, read, refusal, resolve

PRIVATE = [
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "0.0.0.0", "100.64.0.1"),
    *("192.0.0.8", "192.0.2.1", "198.18.0.1", "192.88.99.1", "224.0.0.1", "240.0.0.1"),
    *("255.255.255.255", "::1", "::", "::7f00:1", "fc00::1", "fd12::1", "fec0::1", "ff02::1"),
    *("2001:db8::1", "3fff::1", "5f00::1", "100::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
]
TUNNELS = ["64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "::ffff:0:7f00:1"]
METADATA = [
    *("169.254.169.254", "169.254.170.2", "fe80::1", "fd00:ec2::254", "100.100.100.200"),
    *("168.63.129.16", "::ffff:169.254.169.254"),
]
EVERYTHING = [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]


def networks(*texts: str) -> list[Any]:
    return [ipaddress.ip_network(text) for text in texts]


@pytest.mark.parametrize("number", PRIVATE + TUNNELS + METADATA)
def test_what_is_not_plainly_public_is_refused(number: str) -> None:
    assert refusal(ipaddress.ip_address(number), []) != ""


@pytest.mark.parametrize("number", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_the_public_network_is_asked(number: str) -> None:
    assert refusal(ipaddress.ip_address(number), []) == ""


@pytest.mark.parametrize("number", METADATA)
def test_metadata_is_always_denied_whatever_is_allowed(number: str) -> None:
    assert "keys of machines" in refusal(ipaddress.ip_address(number), EVERYTHING)


@pytest.mark.parametrize("number", TUNNELS)
def test_an_address_inside_another_is_denied_whatever_is_allowed(number: str) -> None:
    assert refusal(ipaddress.ip_address(number), EVERYTHING) != ""


def test_one_allowed_address_does_not_switch_the_guard_off_for_all() -> None:
    allowed = networks("10.1.2.0/24", "127.0.0.1/32")
    assert refusal(ipaddress.ip_address("10.1.2.3"), allowed) == ""
    assert refusal(ipaddress.ip_address("::ffff:10.1.2.3"), allowed) == ""
    for number in ("10.1.3.3", "127.0.0.2", "192.168.1.1", "::1"):
        assert "not on the public network" in refusal(ipaddress.ip_address(number), allowed)


def test_a_name_that_cannot_be_resolved_is_refused_and_not_let_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nobody(*args: object, **named: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(OutsideError, match="leads nowhere") as caught:
        resolve(read("https://no.such.example/", "target"), EVERYTHING)
    assert not caught.value.is_final


def answers(*numbers: str) -> Any:
    def told(host: str, port: int, **named: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    return told


def test_every_answer_for_a_name_has_to_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    place = read("https://two.example/", "target")
    monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8", "8.8.4.4", "8.8.8.8"))
    assert list(map(str, resolve(place, []))) == ["8.8.8.8", "8.8.4.4"]
    monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8", "127.0.0.1"))
    with pytest.raises(OutsideError, match=r"127\.0\.0\.1") as caught:
        resolve(place, [])
    assert caught.value.is_final


def test_a_name_server_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def silent(*args: object, **named: object) -> list[Any]:
        over.wait(60)
        return []

    monkeypatch.setattr(address, "RESOLVE_SECONDS", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", silent)
    with pytest.raises(OutsideError, match="leads nowhere"):
        resolve(read("https://slow.example/", "target"), [])
    over.set()


@pytest.mark.parametrize(
    "text",
    [
        *("", "hooks.example.org", "//hooks.example.org/", "ftp://hooks.example.org/"),
        *("file:///etc/passwd", "javascript:alert(1)", "gopher://a.example/", "http:a.example"),
        *("http://", "http:///x", "http://localhost/", "http://intranet/", "http://a..example/"),
        *(
            "http://a.example./",
            "http://-a.example/",
            "http://a.example:0/",
            "http://a.example:65536/",
        ),
        *("http://user@a.example/", "http://user:pw@a.example/", "http://evil#@127.0.0.1/"),
        *("http://a.example\\@127.0.0.1/", "http://a.example/#x", "http://a.example/a b"),
        *(
            "http://a.example/\n",
            "\thttp://a.example/",
            "http://a.example/\0",
            "http://a.example/\x7f",
        ),
        *("http://é.example/", "http://127。0。0。1/", "http://ſ.example/", "http://ⓔxample.org/"),
        *("http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/"),
        *("http://0177.0.0.1/", "http://127.0.0.01/", "http://1.2.3.4.5/", "http://1.2.3/"),
        *(
            "http://a.0x7f/",
            "http://[::1",
            "http://[fe80::1%25eth0]/",
            "http://[v1.a]/",
            "http://[]/",
        ),
        "http://" + "a" * 64 + ".example/",
        "http://a.example/" + "a" * 500,
    ],
)
def test_what_is_no_whole_address_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refused) as caught:
        read(text, "target")
    assert (caught.value.field, caught.value.hint != "") == ("target", True)


@pytest.mark.parametrize(
    ("text", "host", "port", "path", "place"),
    [
        ("https://Hooks.Example.org", "hooks.example.org", 443, "/", "hooks.example.org"),
        (
            "http://a.example:8080/b?c=d%20e&f=[1]",
            "a.example",
            8080,
            "/b?c=d%20e&f=[1]",
            "a.example:8080",
        ),
        ("http://192.0.2.1/x", "192.0.2.1", 80, "/x", "192.0.2.1"),
        ("http://[2001:db8::1]:81/", "2001:db8::1", 81, "/", "[2001:db8::1]:81"),
        ("https://a_b.xn--p1ai/", "a_b.xn--p1ai", 443, "/", "a_b.xn--p1ai"),
    ],
)
def test_a_whole_address_is_read_in_its_parts(
    text: str, host: str, port: int, path: str, place: str
) -> None:
    found = read(text, "target")
    assert (found.host, found.port, found.path, found.place) == (host, port, path, place)
