"""Messages by e-mail: plain text and HTML of the same words, with a way out of them."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from runs.actions.text import one_line
from runs.actions.unsubscribing import unsubscribe_token
from runs.alerts import telling
from runs.outside.address import OutsideError

if TYPE_CHECKING:
    from runs.alerts.telling import Message
    from runs.models import Delivery

_SHOWN = 50
_SUBJECT = 150


def send(delivery: Delivery) -> int:
    """Return 250, which is how a mail server says yes.

    Raises:
        OutsideError: it is not set up, does not answer, or says no.
    """
    if not settings.HAS_EMAIL:
        raise OutsideError("E-mail is not set up: STUDIO_EMAIL_URL is empty.")
    mail = written(telling.message(delivery, _SHOWN))
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise OutsideError(_said(code, said), is_final=500 <= code < 600) from None
    except smtplib.SMTPResponseException as error:
        raise OutsideError(_said(error.smtp_code, error.smtp_error)) from None
    except (OSError, smtplib.SMTPException) as error:
        raise OutsideError(f"The mail server cannot be reached: {error}.") from None
    return 250


def written(message: Message) -> EmailMultiAlternatives:
    """Return a message as a mail."""
    delivery = message.delivery
    leave = telling.address("unsubscribe", unsubscribe_token(delivery.rule, delivery.target))
    context = {"message": message, "rule": delivery.rule, "leave": leave}
    mail = EmailMultiAlternatives(
        subject=_subject(message),
        body=render_to_string("email/alert.txt", context),
        to=[delivery.target],
        headers={
            # The same when it is sent again, so that a mailbox can know it.
            "Message-ID": f"<{delivery.uid}@{urlsplit(settings.PUBLIC_URL).hostname}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    mail.attach_alternative(render_to_string("email/alert.html", context), "text/html")
    return mail


def _subject(message: Message) -> str:
    if message.is_test:
        said = f"A test of the alert {message.delivery.rule.name}"
    elif len(message.told) == 1:
        said = message.delivery.title
    else:
        said = message.summary
    return one_line(f"[{message.workspace}] {said}")[:_SUBJECT]


def _said(code: int, text: bytes | str) -> str:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"The mail server says {code}: {one_line(words)}"
