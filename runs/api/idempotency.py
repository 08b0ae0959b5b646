"""The same write twice, done once: the answer to an Idempotency-Key is kept and given again.

The change and its kept answer are one transaction, so a crash leaves both or neither. Appends and
uploads need no key: their own numbers and hashes make sending them again harmless.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone

from runs.actions.refused import Refused
from runs.models import KeptAnswer
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase

    from runs.api.auth import ApiRequest

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
KEY_LENGTH = 255


def once(request: ApiRequest, run: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Return what ``run`` answers, or what it answered to the same key and token before.

    Only success is kept: a refusal changed nothing, so it may be asked again.

    Raises:
        Refused: the key is no plain text, or it was used for another request.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return run()
    _check(key)
    try:
        return _first_or_kept(request, key, run)
    except IntegrityError:
        # Somebody with the same key was first, between our look and our write.
        kept = _find(request, key)
        if kept is None:
            raise
        return _again(kept)


def _first_or_kept(
    request: ApiRequest, key: str, run: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    with transaction.atomic():
        kept = _find(request, key)
        if kept is not None:
            return _again(kept)
        response = run()
        if isinstance(response, HttpResponse) and response.status_code < 300:
            _keep(request, key, response)
        return response


def _check(key: str) -> None:
    if not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        reason = f"The key should be 1 to {KEY_LENGTH} printable ASCII characters."
        raise Refused(Code.BAD_REQUEST, reason, field=HEADER)


def _find(request: ApiRequest, key: str) -> KeptAnswer | None:
    kept = KeptAnswer.objects.filter(
        token=request.auth.token, key=key, created_at__gt=timezone.now() - KEPT_FOR
    ).first()
    if kept is not None and kept.fingerprint != _fingerprint(request):
        raise Refused(
            Code.CONFLICT,
            "This key was used for another request.",
            field=HEADER,
            hint="Give every request a key of its own; send the same key only with the same request.",
        )
    return kept


def _keep(request: ApiRequest, key: str, response: HttpResponse) -> None:
    old = timezone.now() - KEPT_FOR
    KeptAnswer.objects.filter(token=request.auth.token, created_at__lte=old).delete()
    KeptAnswer.objects.create(
        token=request.auth.token,
        key=key,
        fingerprint=_fingerprint(request),
        status=response.status_code,
        body=response.content,
    )


def _again(kept: KeptAnswer) -> HttpResponse:
    return HttpResponse(
        bytes(kept.body), status=kept.status, content_type="application/json; charset=utf-8"
    )


def _fingerprint(request: ApiRequest) -> str:
    asked = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(asked + request.body).hexdigest()
