"""Alice with an address, where mails go out, and a rule of hers."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from runs.access import Actor
from runs.actions import alerts
from runs.actions.alert_rules import Wanted
from runs.models import AlertRule, User, Workspace


@pytest.fixture
def alice(alice: User, settings: LazySettings) -> User:
    settings.HAS_EMAIL = True
    alice.email = "alice@example.org"
    alice.save()
    return alice


@pytest.fixture
def rule(workspace: Workspace, alice: User) -> AlertRule:
    wanted = Wanted("Failures", statuses=("Failed",))
    return alerts.create(workspace, by=Actor.of_user(alice), wanted=wanted)
