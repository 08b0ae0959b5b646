"""A POST to somebody's address: pinned to what was checked, and with an end to everything."""

from __future__ import annotations

import ipaddress
import socket
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from runs.outside import asking
from runs.outside.address import OutsideError
from runs.outside.asking import ANSWER_BYTES, post
from tests.outside.receiver import receiver, says

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


def test_a_body_arrives_with_its_headers() -> None:
    with receiver(says(204)) as there:
        status = post(f"{there.url}?a=b", b'{"a": 1}', {"webhook-id": "msg_1"}, allowed=LOOPBACK)
        (got,) = there.received
    assert (status, got.path, got.body) == (204, "/hook?a=b", b'{"a": 1}')
    assert got.headers["webhook-id"] == "msg_1"
    assert got.headers["Host"] == f"127.0.0.1:{there.port}"


def test_a_private_address_is_refused_before_anything_is_sent() -> None:
    with receiver() as there:
        with pytest.raises(OutsideError, match="not on the public network"):
            post(there.url, b"{}", {}, allowed=[])
        with pytest.raises(OutsideError, match="not on the public network"):
            post(there.url, b"{}", {}, allowed=[ipaddress.ip_network("127.0.0.2/32")])
        assert there.received == []


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with receiver() as behind, receiver(says(302, Location=behind.url)) as there:
        assert post(there.url, b"{}", {}, allowed=LOOPBACK) == 302
        assert (len(there.received), behind.received) == (1, [])


def test_a_name_that_changes_its_mind_is_asked_once_and_pinned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    with receiver(host="127.0.0.2") as checked, receiver(port=checked.port) as inside:

        def rebinds(host: str, port: int, **named: object) -> list[Any]:
            asked.append(host)
            number = "127.0.0.2" if len(asked) == 1 else "127.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]

        monkeypatch.setattr(socket, "getaddrinfo", rebinds)
        allowed = [ipaddress.ip_network("127.0.0.2/32")]
        assert post(f"http://re.bind.example:{checked.port}/", b"{}", {}, allowed=allowed) == 200
        assert (asked, len(checked.received), inside.received) == (["re.bind.example"], 1, [])
        assert checked.received[0].headers["Host"] == f"re.bind.example:{checked.port}"
        # The second time it leads inside, and that is refused.
        with pytest.raises(OutsideError, match=r"127\.0\.0\.1"):
            post(f"http://re.bind.example:{checked.port}/", b"{}", {}, allowed=allowed)
        assert inside.received == []


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as proxy, receiver() as there:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert post(there.url, b"{}", {}, allowed=LOOPBACK) == 200
        assert (len(there.received), proxy.received) == (1, [])


def test_an_endless_answer_is_read_up_to_its_limit() -> None:
    sent: list[int] = []
    stopped = threading.Event()

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65_536)
                sent.append(65_536)
        except OSError:
            stopped.set()
            raise

    with receiver(endless) as there:
        assert post(there.url, b"{}", {}, allowed=LOOPBACK) == 200
        assert stopped.wait(15)
    assert ANSWER_BYTES <= sum(sent) < 64 * 1024 * 1024


def test_a_packed_answer_is_never_unpacked() -> None:
    with receiver(
        says(200, body=b"\x1f\x8b" + b"\0" * 100, **{"Content-Encoding": "gzip"})
    ) as there:
        assert post(there.url, b"{}", {}, allowed=LOOPBACK) == 200
        assert "Accept-Encoding" not in there.received[0].headers


@pytest.mark.parametrize("part", ["head", "body"])
def test_an_answer_that_drips_is_cut(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    monkeypatch.setattr(asking, "TOTAL_SECONDS", 0.5)
    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        if part == "body":
            handler.send_response(200)
            handler.end_headers()
        while not over.wait(0.05):
            handler.wfile.write(b"x")

    with receiver(drip) as there:
        with pytest.raises(OutsideError, match="No answer within"):
            post(there.url, b"{}", {}, allowed=LOOPBACK)
        over.set()


def test_a_receiver_that_is_away_is_told_in_words() -> None:
    with receiver() as there:
        url = there.url
    with pytest.raises(OutsideError, match="Nobody listens there") as caught:
        post(url, b"{}", {}, allowed=LOOPBACK)
    assert not caught.value.is_final


def test_what_is_no_answer_is_told_in_words() -> None:
    def nonsense(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"SSH-2.0-nothing\r\n")

    with receiver(nonsense) as there, pytest.raises(OutsideError, match="no proper answer"):
        post(there.url, b"{}", {}, allowed=LOOPBACK)


def test_a_certificate_that_nobody_signed_is_refused() -> None:
    with receiver() as there, pytest.raises(OutsideError):
        post(there.url.replace("http:", "https:"), b"{}", {}, allowed=LOOPBACK)
