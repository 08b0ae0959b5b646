"""Two workspaces with alerts of the same name, to the same ends: each tells of its own runs only."""

from __future__ import annotations

from typing import Any

import pytest

from runs.access import Actor
from runs.actions import lifecycle, workspaces
from runs.models import AlertRule, Delivery, Run, User, Workspace
from studio.contract.words import Role
from tests.alerts.conftest import MakeRule, payloads
from tests.alerts.mailbox import Mailbox
from tests.alerts.work import log, send, wait_for_all, work
from tests.conftest import MakeRun
from tests.outside.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = {"main": "plumgarden", "elsewhere": "quincemeadow"}


@pytest.fixture
def both(alice: User, workspace: Workspace, other_workspace: Workspace) -> list[Workspace]:
    """Alice owns both."""
    workspaces.add_member(other_workspace, alice, Role.OWNER)
    return [workspace, other_workspace]


@pytest.fixture
def rules(both: list[Workspace], make_rule: MakeRule, hook: Receiver) -> list[AlertRule]:
    """In both: a mail, a webhook, a message to Slack, a digest, a metric."""
    wanted: tuple[dict[str, Any], ...] = (
        {},
        {"channel": "webhook", "target": hook.url, "query": "tag:where"},
        {"channel": "slack", "target": hook.url, "query": "submitter:me"},
        {"channel": "webhook", "target": hook.url, "digest_minutes": 5},
        {"kind": "metric", "metric": "loss", "operator": ">", "value": 5.0},
        {"for_all": True, "target": "team@example.org", "query": "experiment:explore-runs"},
    )
    return [make_rule(inside=place, **fields) for place in both for fields in wanted]


def fail(place: Workspace, make_run: MakeRun, by: Actor) -> Run:
    word = WORDS[place.name]
    run = make_run(
        inside=place,
        run_id="same",
        start=True,
        display_name=f"Same {word}",
        tags={"where": word},
    )
    log(run, by, "loss", 1.0, 9.0)
    lifecycle.fail(run, by=by, error={"message": f"Fell over {word}"})
    return run


def told(mails: Mailbox, hook: Receiver) -> str:
    bodies = [mail.as_string() for mail in mails.mails]
    return "\n".join([*bodies, *(str(each) for each in payloads(hook))])


def test_alerts_of_one_workspace_tell_nothing_of_the_other(
    rules: list[AlertRule],
    both: list[Workspace],
    make_run: MakeRun,
    by: Actor,
    mails: Mailbox,
    hook: Receiver,
) -> None:
    here, there = both
    for place, other in ((here, there), (there, here)):
        fail(place, make_run, by)
        work()
        wait_for_all()
        send()
        said = told(mails, hook)
        # As many as there are rules: each has sent, and nobody else's.
        assert len(mails.mails) + len(hook.received) == len(rules) // 2
        assert WORDS[place.name] in said
        assert WORDS[other.name] not in said
        assert f"/w/{other.name}/" not in said
        mails.mails.clear()
        hook.received.clear()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    for delivery in Delivery.objects.select_related("rule"):
        runs = Run.objects.filter(pk__in=delivery.items.values("run"))
        assert {run.workspace_id for run in runs} == {delivery.rule.workspace_id}


def test_a_digest_gathers_the_runs_of_one_workspace(
    both: list[Workspace], make_rule: MakeRule, make_run: MakeRun, by: Actor, mails: Mailbox
) -> None:
    for place in both:
        make_rule(inside=place, digest_minutes=5)
        for number in range(3):
            run = make_run(inside=place, start=True, display_name=f"{WORDS[place.name]} {number}")
            lifecycle.fail(run, by=by, error={"message": WORDS[place.name]})
    work()
    wait_for_all()
    send()
    assert len(mails.mails) == 2
    for mail in mails.mails:
        said = mail.as_string()
        found = {name for name, word in WORDS.items() if word in said}
        assert len(found) == 1
        assert f"[{found.pop()}]" in str(mail["Subject"])
