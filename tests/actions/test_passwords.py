"""Signing in with a password, and everything by which one is set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from runs.access import Actor
from runs.actions import accounts, passwords
from runs.actions.refused import Refused
from runs.models import Attempt, AuditEvent, SignInLink, User
from studio.contract.errors import Code

GOOD = "seven quiet otters"
ADDRESS = "192.0.2.1"


@pytest.fixture
def ada(alice: User) -> User:
    alice.email = "alice@example.org"
    alice.set_password(GOOD)
    alice.save()
    return alice


def refused_by(call: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value


def try_in(username: str, password: str, address: str = ADDRESS) -> Code | None:
    try:
        passwords.sign_in(username, password, address=address)
    except Refused as refused:
        return refused.code
    return None


def test_name_and_password_sign_in_whatever_the_case_of_the_name(ada: User) -> None:
    assert passwords.sign_in("ALICE", GOOD, address=ADDRESS) == ada
    told = AuditEvent.objects.get()
    assert (told.verb, told.user, told.address) == ("sign_in.password", ada, ADDRESS)


def test_who_is_unknown_and_who_is_wrong_are_told_alike(ada: User, bob: User) -> None:
    gone = accounts.create_user("gone")
    gone.set_password(GOOD)
    gone.is_active = False
    gone.save()
    answers = set()
    for name, word in {"alice": "x", "nobody": GOOD, "bob": "", "gone": GOOD}.items():
        with pytest.raises(Refused) as refused:
            passwords.sign_in(name, word, address=name)
        answers.add((str(refused.value), refused.value.hint, refused.value.code))
    assert len(answers) == 1
    failed = AuditEvent.objects.filter(verb="sign_in.fail")
    assert sorted(failed.values_list("actor_name", flat=True)) == ["alice", "bob", "gone", "nobody"]
    assert set(failed.values_list("user", flat=True)) == {None}


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x" * 100_000])
def test_what_no_database_holds_is_nobodys_name_and_password(ada: User, text: str) -> None:
    assert try_in(text, GOOD) is Code.BAD_REQUEST
    assert try_in("alice", text) is Code.BAD_REQUEST


def test_an_account_takes_five_wrong_passwords_a_minute(ada: User) -> None:
    codes = [try_in("alice", "wrong", f"192.0.2.{n}") for n in range(6)]
    assert codes == [Code.BAD_REQUEST] * 5 + [Code.RATE_LIMITED]
    # The right one waits as well: else the sixth guess would be worth its while.
    assert try_in("Alice", GOOD) is Code.RATE_LIMITED
    assert try_in("bob", "wrong") is Code.BAD_REQUEST
    Attempt.objects.update(at=timezone.now() - timedelta(seconds=61))
    assert try_in("alice", GOOD) is None


def test_an_address_takes_twenty_wrong_passwords_a_minute(ada: User) -> None:
    codes = [try_in(f"someone{n}", "wrong") for n in range(21)]
    assert codes == [Code.BAD_REQUEST] * 20 + [Code.RATE_LIMITED]
    assert try_in("alice", GOOD) is Code.RATE_LIMITED
    assert try_in("alice", GOOD, "192.0.2.2") is None


def test_right_passwords_count_against_nobody(ada: User) -> None:
    assert [try_in("alice", GOOD) for _ in range(25)] == [None] * 25
    assert not Attempt.objects.exists()


def test_no_name_is_kept_of_an_attempt(ada: User) -> None:
    try_in("my password by mistake", "")
    assert "password" not in str(list(Attempt.objects.values()))


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("short", "at least 12 characters"),
        ("123456789012", "numeric"),
        ("qwertyuiop123", "common"),
        ("alice.liddell@x", "similar to the email"),
        ("x" * 1_025, "1,024 are allowed"),
        ("a\0bcdefghijklmn", "NUL"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(alice: User, weak: str, why: str) -> None:
    by = Actor.of_user(alice)
    alice.email = "alice.liddell@example.org"
    refused = refused_by(lambda: passwords.change(alice, current="", new=weak, by=by))
    assert why in refused.detail
    assert refused.field == "new"
    alice.refresh_from_db()
    assert not alice.has_usable_password()


def test_whoever_has_a_password_says_it_to_change_it(ada: User) -> None:
    by = Actor.of_user(ada, ADDRESS)
    wrong = refused_by(lambda: passwords.change(ada, current="x", new="nine loud herons", by=by))
    assert wrong.field == "current"
    passwords.change(ada, current=GOOD, new="nine loud herons", by=by)
    assert try_in("alice", GOOD) is not None
    assert try_in("alice", "nine loud herons") is None


def test_the_current_password_cannot_be_guessed_by_trying(ada: User) -> None:
    by = Actor.of_user(ada, ADDRESS)
    codes = [
        refused_by(lambda: passwords.change(ada, current="x", new="nine loud herons", by=by)).code
        for _ in range(6)
    ]
    assert codes[-2:] == [Code.BAD_REQUEST, Code.RATE_LIMITED]


def test_a_reset_is_sent_to_who_has_an_account_and_told_alike_to_all(ada: User, bob: User) -> None:
    sent: list[tuple[User, str]] = []
    for told in ("alice", "ALICE@example.org", "bob", "nobody", "", "\0"):
        passwords.ask_reset(
            told, address=ADDRESS, send=lambda user, link: sent.append((user, link))
        )
    assert [user for user, _ in sent] == [ada, ada]


def test_resets_are_not_sent_without_end(ada: User) -> None:
    sent: list[User] = []

    def ask() -> None:
        passwords.ask_reset("alice", address=ADDRESS, send=lambda user, _: sent.append(user))

    for _ in range(5):
        ask()
    assert refused_by(ask).code is Code.RATE_LIMITED
    assert len(sent) == 5


def test_a_reset_works_once_and_ends_the_other_links(ada: User) -> None:
    first, second = (accounts.make_link(ada, SignInLink.PASSWORD) for _ in range(2))
    weak = refused_by(lambda: passwords.reset(first, "short", address=ADDRESS))
    assert weak.field == "new"
    assert passwords.reset(first, "nine loud herons", address=ADDRESS) == ada
    for link in (first, second):
        again = refused_by(lambda: passwords.reset(link, "ten loud herons", address=ADDRESS))  # noqa: B023
        assert again.code is Code.NOT_FOUND
    assert try_in("alice", "nine loud herons") is None


def test_a_link_serves_its_own_purpose_only(ada: User) -> None:
    sign_in, password = accounts.sign_in_link(ada), accounts.make_link(ada, SignInLink.PASSWORD)
    assert refused_by(lambda: accounts.use_sign_in_link(password)).code is Code.NOT_FOUND
    assert refused_by(lambda: passwords.reset(sign_in, GOOD, address="")).code is Code.NOT_FOUND


def test_an_owner_makes_links_only_for_those_who_are_in_no_other_house(
    alice: User, bob: User, rita: User, charlie: User
) -> None:
    from runs.actions import workspaces
    from runs.models import Workspace
    from studio.contract.words import Role

    owner = Actor.of_user(alice)
    assert passwords.reset(accounts.link_for(bob, by=owner), GOOD, address="") == bob
    workspaces.add_member(Workspace.objects.get(name="elsewhere"), bob, Role.READER)
    for person, by in ((bob, owner), (charlie, owner), (rita, Actor.of_user(bob))):
        assert refused_by(lambda: accounts.link_for(person, by=by)).code is Code.FORBIDDEN  # noqa: B023


def test_an_argon2_hash_is_kept(alice: User, settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["runs.hashers.Argon2"]
    alice.set_password(GOOD)
    assert alice.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert alice.check_password(GOOD)
    assert not alice.check_password("other")
