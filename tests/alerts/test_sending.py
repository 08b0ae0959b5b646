"""Messages leave in order and at least once, and wait for a receiver who is away."""

from __future__ import annotations

from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from django.conf import LazySettings
from django.utils import timezone

from runs.access import Actor
from runs.actions import alerts, lifecycle
from runs.actions.outbox import TRIED_FOR
from runs.alerts import sending
from runs.models import AlertRule, Delivery, Membership, User
from tests.alerts.conftest import Fail, MakeRule, payloads, states
from tests.alerts.mailbox import Mailbox
from tests.alerts.work import match, send, wait_for_all, work
from tests.conftest import MakeRun
from tests.outside.receiver import Receiver, receiver, says

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_receiver_that_is_down_and_up_again_loses_nothing_and_keeps_the_order(
    make_rule: MakeRule, make_run: MakeRun, by: Actor, settings: LazySettings, hook: Receiver
) -> None:
    statuses = ("Running", "Failed", "Completed")
    with receiver() as gone:
        rule = make_rule(channel="webhook", target=gone.url, statuses=statuses)
        port = gone.port
    wanted = []
    for place in range(3):
        run = make_run(start=True, display_name=f"r{place}")
        lifecycle.complete(run, by=by)
        wanted += [(f"r{place}", "Running"), (f"r{place}", "Completed")]
        work()
    assert set(states(rule)) == {"waiting"}
    first = Delivery.objects.order_by("pk")[0]
    assert "Nobody listens there" in first.error
    assert Delivery.objects.order_by("pk")[1].tries == 0
    # An hour goes by.
    for _ in range(6):
        wait_for_all()
        send()
    with receiver(says(503), port=port) as busy:
        wait_for_all()
        send()
        assert len(busy.received) == 1
    with receiver(port=port) as back:
        wait_for_all()
        send()
        told = [(each["data"]["displayName"], each["data"]["runStatus"]) for each in payloads(back)]
    assert told == wanted
    assert set(states(rule)) == {"sent"}


def test_it_is_tried_for_more_than_a_day(hooked: AlertRule, hook: Receiver, fail: Fail) -> None:
    hook.answer = says(500)
    fail()
    match()
    delivery = Delivery.objects.get()
    begun, waited = delivery.created_at, timedelta()
    while delivery.state == "waiting":
        wait_for_all()
        before = timezone.now()
        send()
        delivery.refresh_from_db()
        waited += delivery.next_at - before
        # As if so much time had gone by.
        Delivery.objects.update(gives_up_at=begun + TRIED_FOR - waited)
        delivery.refresh_from_db()
        assert waited < timedelta(days=2)
    assert delivery.state == "failed"
    assert waited > timedelta(hours=24)
    assert (delivery.answer, delivery.error) == (500, "The receiver answers 500.")
    assert delivery.tries > 50


def test_one_message_that_a_receiver_does_not_want_keeps_the_others_waiting_for_three_tries_only(
    hooked: AlertRule, hook: Receiver, fail: Fail
) -> None:
    def picky(handler: BaseHTTPRequestHandler) -> None:
        says(422 if b'"poison"' in hook.received[-1].body else 200)(handler)

    hook.answer = picky
    fail(display_name="poison")
    fail(display_name="good")
    match()
    for _ in range(3):
        wait_for_all()
        send()
    assert states(hooked) == ["failed", "sent"]


def test_a_receiver_that_is_gone_for_good_switches_the_rule_off(
    hooked: AlertRule, hook: Receiver, fail: Fail
) -> None:
    hook.answer = says(410)
    fail()
    work()
    hooked.refresh_from_db()
    assert (states(hooked), hooked.enabled) == (["failed"], False)


def test_what_was_held_by_a_process_that_died_is_sent_by_another(
    hooked: AlertRule, hook: Receiver, fail: Fail
) -> None:
    fail()
    fail()
    match()
    assert sending._claim("dead") is not None
    assert send() == 0
    Delivery.objects.filter(holder="dead").update(held_until=timezone.now())
    assert send() == 2
    assert states(hooked) == ["sent", "sent"]
    assert [each["data"]["runStatus"] for each in payloads(hook)] == ["Failed", "Failed"]


def test_two_who_send_at_once_send_each_message_once(
    hooked: AlertRule, hook: Receiver, fail: Fail
) -> None:
    fail()
    match()
    first = sending._claim("a")
    assert first is not None
    assert sending._claim("b") is None
    # Whose time is over has no say any more.
    Delivery.objects.update(held_until=timezone.now())
    assert sending._claim("b") is not None
    sending._settle(first, "a", sending._Outcome("it failed"))
    assert Delivery.objects.get().holder == "b"


def test_a_slow_receiver_keeps_no_other_rule_waiting(
    hooked: AlertRule, make_rule: MakeRule, hook: Receiver, fail: Fail
) -> None:
    with receiver() as other:
        rule = make_rule(channel="webhook", target=other.url)
        fail()
        fail()
        match()
        held = sending._claim("slow")
        assert held is not None
        assert held.rule_id == hooked.pk
        assert send() == 2
        assert len(other.received) == 2
        assert states(rule) == ["sent", "sent"]
        assert states(hooked) == ["sending", "waiting"]


def test_what_a_rule_was_switched_off_before_is_not_sent(
    hooked: AlertRule, hook: Receiver, fail: Fail, by: Actor
) -> None:
    fail()
    match()
    alerts.switch(hooked, by=by, on=False)
    send()
    assert (states(hooked), hook.received) == (["failed"], [])


def test_who_left_meanwhile_gets_nothing(
    make_rule: MakeRule, fail: Fail, mails: Mailbox, bob: User
) -> None:
    bob.email = "bob@example.org"
    bob.save()
    rule = make_rule(by=bob)
    fail()
    match()
    Membership.objects.filter(user=bob).delete()
    send()
    assert (states(rule), mails.mails) == (["failed"], [])


def test_runs_that_are_gone_are_not_told_of(hooked: AlertRule, hook: Receiver, fail: Fail) -> None:
    run = fail()
    match()
    run.delete()
    send()
    assert (states(hooked), hook.received) == (["failed"], [])
