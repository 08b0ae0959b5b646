"""Rules of the cast, and the two ends that messages go to: a mailbox and a receiver."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings

from runs.access import Actor
from runs.actions import alerts, lifecycle
from runs.actions.alert_rules import Wanted
from runs.models import AlertRule, Delivery, Run, User, Workspace
from tests.alerts.mailbox import Mailbox, mailbox
from tests.conftest import MakeRun
from tests.outside.receiver import Receiver, receiver

MakeRule = Callable[..., AlertRule]
Fail = Callable[..., Run]


@pytest.fixture
def mails(settings: LazySettings) -> Iterator[Mailbox]:
    with mailbox() as box:
        settings.HAS_EMAIL = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.PUBLIC_URL = "https://runs.example.org"
        yield box


@pytest.fixture
def hook(settings: LazySettings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW = [ipaddress.ip_network("127.0.0.1/32")]
    with receiver() as there:
        yield there


@pytest.fixture
def alice(alice: User) -> User:
    alice.email = "alice@example.org"
    alice.save()
    return alice


@pytest.fixture
def make_rule(workspace: Workspace, alice: User) -> MakeRule:
    """Make a rule; keywords are those of Wanted, ``by`` is a user, ``inside`` a workspace."""

    def make(
        *, by: User | None = None, inside: Workspace | None = None, **fields: Any
    ) -> AlertRule:
        fields = {"name": "Failures", "statuses": ("Failed",), **fields}
        if fields.get("kind", "status") != "status":
            del fields["statuses"]
        actor = Actor.of_user(by or alice)
        return alerts.create(inside or workspace, by=actor, wanted=Wanted(**fields))

    return make


def states(rule: AlertRule) -> list[str]:
    """Return how far each message of a rule is, the oldest first."""
    return list(Delivery.objects.filter(rule=rule).order_by("pk").values_list("state", flat=True))


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor.of_user(alice)


@pytest.fixture
def fail(make_run: MakeRun, by: Actor) -> Fail:
    """Make a run and let it fail."""

    def fail(message: str = "no memory", **fields: Any) -> Run:
        run = make_run(start=True, **fields)
        lifecycle.fail(run, by=by, error={"code": "UserError", "message": message})
        return run

    return fail


@pytest.fixture
def hooked(make_rule: MakeRule, hook: Receiver) -> AlertRule:
    """A rule whose webhook is received here."""
    return make_rule(channel="webhook", target=hook.url, statuses=("Failed", "Completed"))


def payloads(hook: Receiver) -> list[dict[str, Any]]:
    return [json.loads(got.body) for got in hook.received]
