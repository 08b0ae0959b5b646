"""Sessions that nobody uses: an owner's ends after a day; anybody's, as Django has it, after two weeks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings

from runs.models import Membership
from studio.contract.words import Role

if TYPE_CHECKING:
    from django.http import HttpRequest

OWNER_SECONDS = 24 * 3600
# In the session: when it was used last, noted now and then only: each note writes a row.
USED = "used"
_NOTED_EVERY = 15 * 60


def has_left(request: HttpRequest) -> bool:
    """Whether who has signed in has not used the studio for too long; else note that they do now.

    A page that asks by itself what is new is not used by anybody. On a laptop only its own people
    come in, perhaps by a link of the last start: they are let be.
    """
    now = time.time()
    away = now - request.session.get(USED, now)
    if away > OWNER_SECONDS and not settings.IS_LAPTOP and _owns(request):
        return True
    if away > _NOTED_EVERY and "since" not in request.GET:
        request.session[USED] = now
    return False


def _owns(request: HttpRequest) -> bool:
    return Membership.objects.filter(user=request.user.pk, role=Role.OWNER).exists()
