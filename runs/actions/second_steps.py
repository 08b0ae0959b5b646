"""The second step of signing in: a code of an app, or a recovery code. Each code works once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from runs import one_time_codes
from runs.access import Actor
from runs.actions import audit, passwords, sessions
from runs.actions.refused import Refused
from runs.actions.throttle import Gate, attempt, forgive
from runs.actions.tokens import digest_of
from runs.models import RecoveryCode, SecondStep
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runs.models import User

RECOVERY_CODES = 10
A_MINUTE_FOR_AN_ACCOUNT, A_MINUTE_FROM_AN_ADDRESS = 5, 20
# No letter or digit that could be read as another one. 16 of 30 are 78 bits: no hash of one is guessed.
_LETTERS = "abcdefghjkmnpqrstuvwxyz2345678"
_GROUPS, _GROUP = 4, 4


def is_on(user: User) -> bool:
    """Whether this person is asked for a second step."""
    return SecondStep.objects.filter(user=user).exists()


def who_has_one(people: Iterable[User]) -> set[int]:
    """Return the ids of those who are asked for a second step, asked at once."""
    return set(SecondStep.objects.filter(user__in=people).values_list("user", flat=True))


def codes_left(user: User) -> int:
    """Return how many recovery codes are still good."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def new_salt() -> str:
    """Return the salt of an app that is to be set up."""
    return secrets.token_urlsafe(32)


def begin(user: User, password: str, *, by: Actor) -> str:
    """Return the salt of a new app, for whoever knows the password.

    Raises:
        Refused: the extra is not installed, there is an app already, or the password is wrong.
    """
    _check_extra()
    if is_on(user):
        raise Refused(Code.CONFLICT, "There is a second step already.", hint="Remove it first.")
    passwords.confirm(user, password, by=by)
    return new_salt()


def set_up(user: User, salt: str, code: str, *, by: Actor, keep: str) -> list[str]:
    """Ask for a second step from now on; returns the recovery codes, shown this once.

    Every session but the one called ``keep`` ends: whoever else is in came in by the password alone.

    Raises:
        Refused: the code is not the one that the app shows now, or there is an app already.
    """
    _check_extra()
    tries = attempt(*_gates(user, by.address))
    step = one_time_codes.step_of(one_time_codes.keys_of(user.pk, salt)[:1], _plain(code))
    if step is None:
        raise _wrong("This is not the code that the app shows now.")
    forgive(tries)
    with transaction.atomic():
        _, is_new = SecondStep.objects.get_or_create(
            user=user, defaults={"salt": salt, "last_step": step}
        )
        if not is_new:
            raise Refused(Code.CONFLICT, "There is a second step already.", hint="Remove it first.")
        sessions.end_all(user, by=by, keep=keep)
        audit.record(by, "second_step.set_up", about=user.username)
        return _new_codes(user)


def renew_codes(user: User, password: str, *, by: Actor) -> list[str]:
    """Return new recovery codes; the old ones are good for nothing.

    Raises:
        Refused: the password is wrong, or there is no second step.
    """
    passwords.confirm(user, password, by=by)
    with transaction.atomic():
        if not is_on(user):
            raise Refused(Code.CONFLICT, "There is no second step.", hint="Set it up first.")
        audit.record(by, "second_step.codes", about=user.username)
        return _new_codes(user)


def remove(user: User, password: str, *, by: Actor) -> None:
    """Ask for no second step any more. Raises ``Refused`` if the password is wrong."""
    passwords.confirm(user, password, by=by)
    _remove(user, by, "second_step.remove")


def reset(user: User, *, by: Actor) -> bool:
    """Take a person's second step away for them, and end their sessions; returns False if there is none."""
    with transaction.atomic():
        had_one = _remove(user, by, "second_step.reset")
        sessions.end_all(user, by=by)
    return had_one


def check(user: User, code: str, *, address: str) -> None:
    """Take a code of the app, or a recovery code, and use it up.

    Raises:
        Refused: it is wrong or was used, there were too many attempts, or the extra is gone.
    """
    _check_extra()
    tries = attempt(*_gates(user, address))
    plain, who = _plain(code), Actor.of_user(user, address)
    if _takes_step(user, plain):
        verb = "sign_in.second_step"
    elif _takes_recovery_code(user, plain):
        verb = "sign_in.recovery_code"
    else:
        audit.record(who, "sign_in.second_step_fail")
        raise _wrong("This code is wrong, or was used already.")
    forgive(tries)
    audit.record(who, verb)


def _takes_step(user: User, code: str) -> bool:
    found = SecondStep.objects.filter(user=user).first()
    keys = one_time_codes.keys_of(user.pk, found.salt) if found else []
    step = one_time_codes.step_of(keys, code)
    # Of two who bring the same code at once, one changes the row.
    later = SecondStep.objects.filter(user=user, last_step__lt=step or 0)
    return step is not None and later.update(last_step=step) == 1


def _takes_recovery_code(user: User, code: str) -> bool:
    fresh = RecoveryCode.objects.filter(user=user, digest=digest_of(code), used_at=None)
    return fresh.update(used_at=timezone.now()) == 1


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    plain = [
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP))
        for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=digest_of(code)) for code in plain
    )
    return ["-".join(code[i : i + _GROUP] for i in range(0, len(code), _GROUP)) for code in plain]


def _remove(user: User, by: Actor, verb: str) -> bool:
    with transaction.atomic():
        count, _ = SecondStep.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
        if count:
            audit.record(by, verb, about=user.username)
    return count > 0


def _plain(code: str) -> str:
    """Return a code without what people put between its parts, as it was made."""
    plain = "".join(c for c in code[:100].lower() if c.isascii() and c.isalnum())
    return plain


def _check_extra() -> None:
    if not one_time_codes.is_there():
        raise Refused(
            Code.CONFLICT,
            "The studio cannot read such codes: its extra [sso] is not installed.",
            hint=f"Whoever runs it types: {one_time_codes.INSTALL}",
        )


def _gates(user: User, address: str) -> tuple[Gate, Gate]:
    return (
        Gate("second step of an account", user.username, A_MINUTE_FOR_AN_ACCOUNT),
        Gate("second step from an address", address, A_MINUTE_FROM_AN_ADDRESS),
    )


def _wrong(reason: str) -> Refused:
    hint = "Apps show a new one every 30 seconds; the clock of the telephone must be right."
    return Refused(Code.BAD_REQUEST, reason, field="code", hint=hint)
