"""Floods become digests; tests, retries and replays are sent when somebody asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs.access import Actor
from runs.actions import deliveries, lifecycle
from runs.actions.refused import Refused
from runs.alerts import sending
from runs.models import AlertRule, Delivery, DeliveryItem, RunEvent
from runs.models.alert import Sending
from tests.alerts.conftest import Fail, MakeRule, payloads, states
from tests.alerts.mailbox import Mailbox
from tests.alerts.work import match, send, wait_for_all, work
from tests.conftest import MakeRun
from tests.outside.receiver import Receiver, says

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_flood_becomes_a_digest(
    make_rule: MakeRule, make_run: MakeRun, fail: Fail, mails: Mailbox, hook: Receiver
) -> None:
    mailed, hooked = (
        make_rule(),
        make_rule(channel="webhook", target=hook.url, statuses=("Failed",)),
    )
    first = fail()
    events = RunEvent.objects.filter(run=first, to_status="Failed")
    event = events.get()
    # Ten thousand finishes; what each of them writes is tested elsewhere.
    RunEvent.objects.bulk_create(
        (
            RunEvent(
                run=first,
                kind="status",
                actor_kind="system",
                actor_name="test",
                from_status="Running",
                to_status="Failed",
                at=event.at,
                for_alerts=True,
            )
            for _ in range(9_999)
        ),
        batch_size=1_000,
    )
    match()
    send()
    wait_for_all()
    send()
    assert DeliveryItem.objects.filter(delivery__rule=mailed).count() == 10_000
    assert len(mails.mails) == 11
    assert mails.mails[-1]["Subject"] == "[main] 9,990 changes of runs: 9,990 Failed"
    plain = next(mails.mails[-1].iter_parts()).get_content()
    assert plain.count("/w/main/runs/") == 51
    numbers = [
        int(event["id"]) for told in payloads(hook) for event in told["data"].get("events", [told])
    ]
    assert numbers == sorted(events.values_list("pk", flat=True))
    assert len(hook.received) == 10 + 20
    assert set(states(hooked)) == {"sent"}


def test_a_digest_waits_as_long_as_its_rule_says(
    make_rule: MakeRule, fail: Fail, mails: Mailbox, by: Actor, make_run: MakeRun
) -> None:
    rule = make_rule(digest_minutes=60, statuses=("Failed", "Completed"))
    fail(display_name="one")
    work()
    fail(display_name="two")
    lifecycle.complete(make_run(start=True, display_name="three"), by=by)
    work()
    assert mails.mails == []
    waits = Delivery.objects.get()
    assert waits.next_at - waits.created_at == timedelta(minutes=60)
    wait_for_all()
    send()
    (mail,) = mails.mails
    assert mail["Subject"] == "[main] 3 changes of runs: 2 Failed, 1 Completed"
    plain, html = (part.get_content() for part in mail.iter_parts())
    for name in ("one", "two", "three"):
        assert name in plain
        assert name in html
    assert (
        Delivery.objects.get().size == DeliveryItem.objects.filter(delivery__rule=rule).count() == 3
    )


def test_a_digest_that_is_on_its_way_takes_nothing_more(
    make_rule: MakeRule, fail: Fail, mails: Mailbox
) -> None:
    rule = make_rule(digest_minutes=60)
    fail()
    match()
    wait_for_all()
    assert sending._claim("somebody") is not None
    fail()
    match()
    assert [d.size for d in Delivery.objects.filter(rule=rule).order_by("pk")] == [1, 1]


def test_a_test_message_arrives_and_six_a_minute_are_enough(
    hooked: AlertRule, hook: Receiver, by: Actor
) -> None:
    for _ in range(6):
        deliveries.test(hooked, by=by)
    with pytest.raises(Refused, match="6 tests a minute"):
        deliveries.test(hooked, by=by)
    send()
    assert [each["eventType"] for each in payloads(hook)] == ["RunStudio.Test"] * 6
    Delivery.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    deliveries.test(hooked, by=by)


def test_a_test_waits_for_nothing(hooked: AlertRule, hook: Receiver, fail: Fail, by: Actor) -> None:
    hook.answer = says(500)
    fail()
    work()
    hook.answer = says(200)
    deliveries.test(hooked, by=by)
    send()
    assert states(hooked) == ["waiting", "sent"]


def test_a_retry_tries_now_and_for_another_day(
    hooked: AlertRule, hook: Receiver, fail: Fail, by: Actor
) -> None:
    hook.answer = says(500)
    fail()
    work()
    Delivery.objects.update(state=Sending.FAILED.value, gives_up_at=timezone.now())
    hook.answer = says(200)
    delivery = Delivery.objects.get()
    deliveries.retry(delivery, by=by)
    send()
    assert states(hooked) == ["sent"]
    with pytest.raises(Refused, match="has arrived"):
        deliveries.retry(delivery, by=by)


def test_a_replay_sends_the_same_under_an_id_of_its_own(
    hooked: AlertRule, hook: Receiver, fail: Fail, by: Actor
) -> None:
    fail()
    work()
    deliveries.replay(Delivery.objects.get(), by=by)
    send()
    first, second = payloads(hook)
    assert first["id"] == second["id"]
    assert (first["data"]["replay"], second["data"]["replay"]) == (False, True)
    assert hook.received[0].headers["webhook-id"] != hook.received[1].headers["webhook-id"]


def test_sent_again_it_has_the_same_id(hooked: AlertRule, hook: Receiver, fail: Fail) -> None:
    hook.answer = says(500)
    fail()
    work()
    wait_for_all()
    send()
    first, second = hook.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_old_messages_are_forgotten_and_open_ones_kept(
    hooked: AlertRule, hook: Receiver, fail: Fail
) -> None:
    fail()
    work()
    fail()
    match()
    old = timezone.now() - sending.KEPT_FOR - timedelta(hours=1)
    Delivery.objects.update(created_at=old)
    assert sending.forget_old(timezone.now()) == 1
    assert states(hooked) == ["waiting"]
