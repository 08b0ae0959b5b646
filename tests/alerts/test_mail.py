"""Mails: what they say, to whom, and how one gets no more of them."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from django.conf import LazySettings

from runs.models import Delivery, Run
from tests.alerts.conftest import Fail, MakeRule, states
from tests.alerts.mailbox import Mailbox
from tests.alerts.work import send, wait_for_all, work

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_failed_run_mails_its_submitter(make_rule: MakeRule, fail: Fail, mails: Mailbox) -> None:
    make_rule(query="submitter:me")
    run = fail("CUDA is out of <memory>", display_name="big & deep")
    Run.objects.filter(pk=run.pk).update(
        started_at=run.ended_at and run.ended_at - timedelta(minutes=5)
    )
    work()
    (mail,) = mails.mails
    assert (mail["To"], mail["Subject"]) == ("alice@example.org", "[main] big & deep has failed")
    plain, html = (part.get_content() for part in mail.iter_parts())
    link = f"https://runs.example.org/w/main/runs/{run.run_id}/"
    for part in ("Failed", "5 m", "CUDA is out of <memory>", link, "explore-runs", "Alice"):
        assert part in plain
    assert "CUDA is out of &lt;memory&gt;" in html
    assert "<memory>" not in html
    assert f'href="{link}"' in html
    assert Delivery.objects.get().state == "sent"


def test_a_mail_says_how_to_get_no_more(make_rule: MakeRule, fail: Fail, mails: Mailbox) -> None:
    make_rule()
    fail()
    work()
    (mail,) = mails.mails
    leave = str(mail["List-Unsubscribe"]).strip(" <>")
    assert leave.startswith("https://runs.example.org/alerts/leave/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert all(leave in part.get_content() for part in mail.iter_parts())


def test_a_name_cannot_write_headers(make_rule: MakeRule, fail: Fail, mails: Mailbox) -> None:
    make_rule()
    fail(display_name="a\r\nBcc: all@example.org\r\n\r\nb")
    work()
    (mail,) = mails.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "[main] a Bcc: all@example.org b has failed"


def test_an_address_that_the_mail_server_does_not_know_is_given_up(
    make_rule: MakeRule, fail: Fail, mails: Mailbox
) -> None:
    rule = make_rule(for_all=True, target="nobody@example.org, team@example.org")
    mails.refuses.add("nobody@example.org")
    fail()
    work()
    assert states(rule) == ["failed", "sent"]
    assert "550: nobody of that name" in Delivery.objects.order_by("pk")[0].error
    assert [mail["To"] for mail in mails.mails] == ["team@example.org"]


def test_a_mail_server_that_is_away_is_waited_for(
    make_rule: MakeRule, fail: Fail, mails: Mailbox, settings: LazySettings
) -> None:
    rule = make_rule()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    fail()
    work()
    assert states(rule) == ["waiting"]
    assert "mail server cannot be reached" in Delivery.objects.get().error
    settings.EMAIL_PORT = port
    wait_for_all()
    send()
    assert (states(rule), len(mails.mails)) == (["sent"], 1)


def test_without_mail_set_up_nothing_is_lost_before_a_day_is_over(
    make_rule: MakeRule, fail: Fail, mails: Mailbox, settings: LazySettings
) -> None:
    settings.HAS_EMAIL = False
    rule = make_rule()
    fail()
    work()
    assert states(rule) == ["waiting"]
    assert "STUDIO_EMAIL_URL" in Delivery.objects.get().error
    settings.HAS_EMAIL = True
    wait_for_all()
    send()
    assert len(mails.mails) == 1


def test_a_mail_talk_that_breaks_off_is_tried_again(
    make_rule: MakeRule, fail: Fail, mails: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = make_rule()
    fail()

    def broken(*args: object, **named: object) -> None:
        raise smtplib.SMTPServerDisconnected("the line went dead")

    monkeypatch.setattr(smtplib.SMTP, "sendmail", broken)
    work()
    assert states(rule) == ["waiting"]
    monkeypatch.undo()
