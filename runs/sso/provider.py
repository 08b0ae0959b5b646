"""The provider: what it publishes of itself, the way to its door, and what it gives for a code.

Everything is asked through the guard of requests to outside.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings

from runs.actions.refused import Refused
from runs.outside.address import OutsideError
from runs.outside.asking import ask
from runs.sso import id_token
from runs.sso.problems import SignOnError

_KEPT_SECONDS = 600.0
# Who does not answer is not asked again at once: each question holds up a worker.
_SPARED_SECONDS = 5.0
_WELL_KNOWN = "/.well-known/openid-configuration"
_kept: dict[str, tuple[float, dict[str, Any]]] = {}
_failed: dict[str, tuple[float, str]] = {}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in, known to the browser that began it only."""

    state: str
    nonce: str
    verifier: str


def way_in(attempt: Attempt, redirect: str) -> str:
    """Return the address at the provider that somebody signs in at."""
    challenge = hashlib.sha256(attempt.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": redirect,
        "scope": "openid profile email",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    place = _address(_itself(), "authorization_endpoint")
    return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}"


def way_out() -> str:
    """Return the address at the provider that signs out there; "" if none is known already."""
    kept = _kept.get(settings.OIDC_ISSUER.rstrip("/") + _WELL_KNOWN)
    place = kept[1].get("end_session_endpoint") if kept else None
    if not isinstance(place, str) or urlsplit(place).scheme not in ("https", "http"):
        return ""
    asked = {"client_id": settings.OIDC_CLIENT_ID, "post_logout_redirect_uri": settings.PUBLIC_URL}
    return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}"


def claims(code: str, attempt: Attempt, redirect: str) -> dict[str, Any]:
    """Return what the provider proves of who came back with that code.

    Raises:
        SignOnError: it proves nothing, or does not answer.
    """
    token = _exchange(code, attempt.verifier, redirect)
    wanted = {
        "issuer": settings.OIDC_ISSUER,
        "client": settings.OIDC_CLIENT_ID,
        "nonce": attempt.nonce,
    }
    try:
        return id_token.read(token, _keys(), **wanted)
    except id_token.UnknownKeyError:
        return id_token.read(token, _keys(anew=True), **wanted)


def forget() -> None:
    """Ask the provider anew for all that it publishes."""
    _kept.clear()
    _failed.clear()


def _exchange(code: str, verifier: str, redirect: str) -> str:
    about = _itself()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    methods = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if not settings.OIDC_CLIENT_SECRET or "client_secret_basic" not in methods:
        form["client_id"] = settings.OIDC_CLIENT_ID
        if settings.OIDC_CLIENT_SECRET:
            form["client_secret"] = settings.OIDC_CLIENT_SECRET
    else:
        # Each part is encoded as in a form first: RFC 6749, 2.3.1.
        parts = (
            quote(settings.OIDC_CLIENT_ID, safe=""),
            quote(settings.OIDC_CLIENT_SECRET, safe=""),
        )
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(parts).encode()).decode()
    told = _json("POST", _address(about, "token_endpoint"), urlencode(form).encode(), headers)
    token = told.get("id_token")
    if not isinstance(token, str):
        raise SignOnError("It did not say who you are: its answer has no ID token.")
    return token


def _itself() -> dict[str, Any]:
    about = _published(settings.OIDC_ISSUER.rstrip("/") + _WELL_KNOWN)
    if about.get("issuer") != settings.OIDC_ISSUER:
        raise SignOnError("It calls itself otherwise than STUDIO_OIDC_ISSUER does.")
    return about


def _keys(*, anew: bool = False) -> list[dict[str, Any]]:
    found = _published(_address(_itself(), "jwks_uri"), anew=anew).get("keys")
    if not isinstance(found, list):
        raise SignOnError("It publishes no keys.")
    return [key for key in found if isinstance(key, dict)]


def _address(about: dict[str, Any], name: str) -> str:
    place = about.get(name)
    if not isinstance(place, str) or not place.startswith(("https://", "http://")):
        raise SignOnError(f"It does not say its {name}.")
    return place


def _published(place: str, *, anew: bool = False) -> dict[str, Any]:
    now = time.monotonic()
    at, document = _kept.get(place, (0.0, {}))
    if document and not anew and now - at < _KEPT_SECONDS:
        return document
    failed_at, reason = _failed.get(place, (0.0, ""))
    if reason and now - failed_at < _SPARED_SECONDS:
        raise SignOnError(reason)
    try:
        _kept[place] = (now, _json("GET", place))
    except SignOnError as error:
        _failed[place] = (now, str(error))
        raise
    return _kept[place][1]


def _json(method: str, place: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Any:
    if not settings.OIDC_ALLOW and urlsplit(place).scheme != "https":
        raise SignOnError("It should be asked by https only.")
    try:
        answer = ask(
            method,
            place,
            body,
            {"Accept": "application/json", **(headers or {})},
            allowed=settings.OIDC_ALLOW,
            setting="STUDIO_OIDC_ALLOW",
        )
    except (OutsideError, Refused) as error:
        raise SignOnError(f"It cannot be asked. {error}") from None
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    if answer.status != 200 or not isinstance(told, dict):
        raise SignOnError(f"It answered {answer.status}, and nothing that can be used.")
    return told
