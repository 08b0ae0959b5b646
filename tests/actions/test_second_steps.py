"""Codes of an app and recovery codes: what is right once, and wrong ever after."""

from __future__ import annotations

import base64

import pyotp
import pytest
from django.conf import LazySettings

from runs import one_time_codes
from runs.access import Actor
from runs.actions import second_steps, sessions
from runs.actions.refused import Refused
from runs.models import AuditEvent, RecoveryCode, SecondStep, User

GOOD = "seven quiet otters"
SEED = base64.b32encode(b"12345678901234567890").decode()


@pytest.fixture
def ada(alice: User) -> User:
    alice.set_password(GOOD)
    alice.save()
    return alice


@pytest.fixture
def by(ada: User) -> Actor:
    return Actor.of_user(ada)


def key_of(user: User) -> str:
    return one_time_codes.keys_of(user.pk, SecondStep.objects.get(user=user).salt)[0]


def code_of(key: str) -> str:
    return str(pyotp.TOTP(key).now())


@pytest.fixture
def codes(ada: User, by: Actor) -> list[str]:
    """Alice's recovery codes; no code of her app has been used yet."""
    salt = second_steps.begin(ada, GOOD, by=by)
    code = code_of(one_time_codes.keys_of(ada.pk, salt)[0])
    made = second_steps.set_up(ada, salt, code, by=by, keep="")
    SecondStep.objects.update(last_step=0)
    return made


# RFC 6238, appendix B; its codes have eight digits, of which these are the last six.
@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(
    monkeypatch: pytest.MonkeyPatch, at: int, code: str
) -> None:
    monkeypatch.setattr("runs.one_time_codes.time.time", lambda: float(at))
    assert one_time_codes.step_of([SEED], code) == at // 30
    monkeypatch.setattr("runs.one_time_codes.time.time", lambda: at + 61.0)
    assert one_time_codes.step_of([SEED], code) is None


def test_a_code_works_once_and_none_before_it(ada: User, codes: list[str]) -> None:
    code = code_of(key_of(ada))
    second_steps.check(ada, f" {code[:3]} {code[3:]} ", address="")
    for late in (code, pyotp.TOTP(key_of(ada)).at(0)):
        with pytest.raises(Refused, match="wrong, or was used"):
            second_steps.check(ada, late, address="")
    told = AuditEvent.objects.filter(verb__startswith="sign_in.").values_list("verb", flat=True)
    assert sorted(told) == ["sign_in.second_step", *["sign_in.second_step_fail"] * 2]


def test_the_code_that_set_it_up_signs_nobody_in(ada: User, by: Actor) -> None:
    salt = second_steps.begin(ada, GOOD, by=by)
    code = code_of(one_time_codes.keys_of(ada.pk, salt)[0])
    second_steps.set_up(ada, salt, code, by=by, keep="")
    with pytest.raises(Refused, match="wrong, or was used"):
        second_steps.check(ada, code, address="")


def test_a_recovery_code_works_once_and_only_its_hash_is_kept(
    ada: User, bob: User, codes: list[str]
) -> None:
    assert len(set(codes)) == second_steps.RECOVERY_CODES
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()
    with pytest.raises(Refused):
        second_steps.check(bob, codes[0], address="")
    second_steps.check(ada, codes[0].upper(), address="")
    assert second_steps.codes_left(ada) == second_steps.RECOVERY_CODES - 1
    with pytest.raises(Refused, match="was used already"):
        second_steps.check(ada, codes[0], address="")


def test_new_recovery_codes_end_the_old(ada: User, by: Actor, codes: list[str]) -> None:
    new = second_steps.renew_codes(ada, GOOD, by=by)
    with pytest.raises(Refused):
        second_steps.check(ada, codes[0], address="")
    second_steps.check(ada, new[0], address="")


def test_codes_cannot_be_tried_without_end(ada: User, codes: list[str]) -> None:
    for _ in range(second_steps.A_MINUTE_FOR_AN_ACCOUNT):
        with pytest.raises(Refused, match="wrong"):
            second_steps.check(ada, "000000", address="192.0.2.1")
    with pytest.raises(Refused, match="too many attempts"):
        second_steps.check(ada, code_of(key_of(ada)), address="192.0.2.2")


def test_each_change_asks_for_the_password(ada: User, by: Actor, codes: list[str]) -> None:
    for change in (second_steps.renew_codes, second_steps.remove):
        with pytest.raises(Refused, match="not your current password"):
            change(ada, "not the one", by=by)
    second_steps.remove(ada, GOOD, by=by)
    assert not second_steps.is_on(ada)
    assert not RecoveryCode.objects.exists()
    with pytest.raises(Refused, match="not your current password"):
        second_steps.begin(ada, "not the one", by=by)


def test_who_has_no_password_has_nothing_to_come_second_to(bob: User) -> None:
    with pytest.raises(Refused, match="no password yet"):
        second_steps.begin(bob, "", by=Actor.of_user(bob))


def test_setting_it_up_ends_other_sessions(
    ada: User, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    monkeypatch.setattr(sessions, "end_all", lambda user, *, by, keep: kept.append(keep))
    salt = second_steps.begin(ada, GOOD, by=by)
    code = code_of(one_time_codes.keys_of(ada.pk, salt)[0])
    second_steps.set_up(ada, salt, code, by=by, keep="mine")
    assert kept == ["mine"]
    with pytest.raises(Refused, match="There is a second step already"):
        second_steps.begin(ada, GOOD, by=by)


def test_a_new_key_of_the_studio_breaks_no_app_while_the_old_one_is_a_fallback(
    ada: User, codes: list[str], settings: LazySettings
) -> None:
    code, old = code_of(key_of(ada)), settings.SECRET_KEY
    settings.SECRET_KEY = "k" * 60
    with pytest.raises(Refused):
        second_steps.check(ada, code, address="")
    settings.SECRET_KEY_FALLBACKS = [old]
    second_steps.check(ada, code, address="")


def test_without_the_extra_nobody_comes_in_without_a_second_step(
    ada: User, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_time_codes, "is_there", lambda: False)
    with pytest.raises(Refused, match=r"extra \[sso\] is not installed"):
        second_steps.check(ada, codes[0], address="")
