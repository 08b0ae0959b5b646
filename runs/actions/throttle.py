"""How often something may be tried in a minute. Counted in the database: servers share it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from runs.actions.refused import Refused
from runs.models import Attempt
from studio.contract.errors import Code

MINUTE = timedelta(minutes=1)
KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class Gate:
    """What is limited, as ``sign-in to an account``; whose; and how many a minute get through."""

    what: str
    whose: str
    a_minute: int

    @property
    def name(self) -> str:
        """The name it is counted under."""
        text = f"{self.what}\n{self.whose.casefold()}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def attempt(*gates: Gate) -> list[int]:
    """Count one more attempt at each gate; returns what ``forgive`` needs.

    Counted before it is looked at, so that of many at once no more get through than may.

    Raises:
        Refused: there were too many within a minute. This one is not counted then: a gate that is
            knocked at without end opens again and again.
    """
    now = timezone.now()
    Attempt.objects.filter(at__lt=now - KEPT).delete()
    made = [Attempt.objects.create(gate=gate.name, at=now).pk for gate in gates]
    if any(count(gate) > gate.a_minute for gate in gates):
        forgive(made)
        raise too_many()
    return made


def forgive(attempts: list[int]) -> None:
    """Count these attempts no more: they were right."""
    Attempt.objects.filter(pk__in=attempts).delete()


def count(gate: Gate) -> int:
    """Return how many attempts there were within the last minute."""
    return Attempt.objects.filter(gate=gate.name, at__gt=timezone.now() - MINUTE).count()


def too_many() -> Refused:
    """Return the refusal of one attempt too many."""
    return Refused(
        Code.RATE_LIMITED, "There were too many attempts.", hint="Wait a minute and try again."
    )
