"""A small provider of OpenID Connect on loopback, with a key of its own; it lies when it is told to."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "studio", "s3cret & +more"
Claims = dict[str, Any]


@dataclass
class Provider:
    """``spoil`` changes the claims of each answer, ``sign`` replaces the signing of them."""

    server: ThreadingHTTPServer
    person: Claims = field(default_factory=dict)
    spoil: Callable[[Claims], None] = lambda claims: None
    sign: Callable[[Provider, Claims], str] | None = None
    about: Claims = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def rotate(self) -> None:
        """Sign with a new key, and publish no other."""
        name = secrets.token_hex(4)
        self.keys = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048)}

    def signed(self, claims: Claims, **header: Any) -> str:
        ((name, key),) = self.keys.items()
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": name, **header})

    def published_keys(self) -> list[Any]:
        algorithm = jwt.algorithms.RSAAlgorithm
        return [
            {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": name, "use": "sig"}
            for name, key in self.keys.items()
        ]

    def document(self) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/logout",
            **self.about,
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where the browser is sent back to."""
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert set(asked["scope"].split()) == {"openid", "profile", "email"}
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> Claims:
        """Return the answer for a code; raises KeyError or AssertionError for what is not right."""
        asked = self.codes.pop(form["code"])
        if authorization:
            given = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
            assert [unquote(part) for part in given] == [CLIENT, SECRET]
        else:
            assert (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert form["redirect_uri"] == asked["redirect_uri"]
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
        }
        self.spoil(claims)
        made = self.sign(self, claims) if self.sign else self.signed(claims)
        return {"id_token": made, "access_token": "x", "token_type": "Bearer"}


def _handler(held: list[Provider]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there, place = held[0], urlsplit(self.path)
            there.asked.append(place.path)
            if place.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(place.query).items()}
                self._send(302, b"", Location=there.authorize(asked))
            elif place.path == "/keys":
                self._send(200, json.dumps({"keys": there.published_keys()}).encode())
            else:
                assert place.path == "/.well-known/openid-configuration"
                self._send(200, json.dumps(there.document()).encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            try:
                told = held[0].token(form, self.headers.get("Authorization", ""))
            except (KeyError, AssertionError):
                self._send(400, b'{"error": "invalid_grant"}')
            else:
                self._send(200, json.dumps(told).encode())

        def _send(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def oidc_provider() -> Iterator[Provider]:
    """Answer until the end of the block."""
    held: list[Provider] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(held))
    server.daemon_threads = True
    held.append(Provider(server))
    held[0].rotate()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield held[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def followed(place: str) -> str:
    """Open an address of the provider as a browser does; return where it sends the browser."""
    parts = urlsplit(place)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 302
        return answer.headers["Location"]
    finally:
        connection.close()
