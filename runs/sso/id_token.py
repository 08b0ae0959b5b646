"""What a provider has signed about somebody: taken only if every part of it is right."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from runs.sso.problems import SignOnError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Only what the provider alone can sign: no "none", and no secret that we know as well.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
LEEWAY_SECONDS = 60
_REQUIRED = ["iss", "sub", "aud", "exp", "iat"]


class UnknownKeyError(SignOnError):
    """It is signed by a key that is not among those given; the provider may have new ones."""


def read(
    token: str, keys: Sequence[dict[str, Any]], *, issuer: str, client: str, nonce: str
) -> dict[str, Any]:
    """Return the claims of an ID token.

    Raises:
        UnknownKeyError: none of the keys has the name that it gives.
        SignOnError: it is not signed by them, not for us, not by this provider, too old, or of
            another attempt.
    """
    import jwt

    try:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise SignOnError("Its answer is not signed in a way that proves anything.")
        key = jwt.PyJWK.from_dict(_key(keys, header.get("kid")), algorithm=algorithm)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=issuer,
            audience=client,
            leeway=LEEWAY_SECONDS,
            options={"require": _REQUIRED},
        )
    except jwt.PyJWTError as error:
        raise SignOnError(f"Its answer is not good: {_in_words(error)}") from None
    _check_party(claims, client)
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise SignOnError("Its answer belongs to another attempt to sign in.")
    who = claims["sub"]
    if not isinstance(who, str) or not who.isprintable() or not 0 < len(who) <= 255:
        raise SignOnError("Its answer does not say who you are.")
    return claims


def _key(keys: Sequence[dict[str, Any]], name: object) -> dict[str, Any]:
    signing = [key for key in keys if key.get("use", "sig") == "sig"]
    found = [key for key in signing if name is None or key.get("kid") == name]
    if len(found) != 1:
        raise UnknownKeyError("Its answer is signed by a key that it does not publish.")
    return found[0]


def _check_party(claims: dict[str, Any], client: str) -> None:
    """Refuse a token for several, unless it was asked for by us."""
    audience = claims["aud"]
    is_shared = isinstance(audience, list) and len(audience) > 1
    if ("azp" in claims or is_shared) and claims.get("azp") != client:
        raise SignOnError("Its answer is for another program.")


def _in_words(error: Exception) -> str:
    words = {
        "ExpiredSignatureError": "it has expired.",
        "ImmatureSignatureError": "it is good later only; the clocks differ.",
        "InvalidIssuerError": "it is not by the provider of this studio.",
        "InvalidAudienceError": "it is for another program.",
        "InvalidSignatureError": "the signature is wrong.",
        "MissingRequiredClaimError": "a part of it is missing.",
    }
    return words.get(type(error).__name__, "it cannot be read.")
