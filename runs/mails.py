"""Mails about an account. They go out beside the request: a slow mail server tells nobody anything."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

if TYPE_CHECKING:
    from runs.models import User, Workspace
    from studio.contract.words import Role

log = logging.getLogger(__name__)


def public_link(name: str, *parts: str) -> str:
    """Return the address of a page for people elsewhere: never built from what a request says."""
    return f"{settings.PUBLIC_URL}{reverse(name, args=parts)}"


def send_reset(user: User, secret: str) -> None:
    """Send a person the link by which a new password is set."""
    told = {"user": user, "link": public_link("reset_password", secret)}
    send(user.email, "A new password for Run Studio", "email/reset.txt", told)


def send_invitation(
    email: str, link: str, *, by: User | None, workspace: Workspace, role: Role
) -> bool:
    """Send somebody the link that invites them; returns False where no mail can go."""
    if not email or not settings.HAS_EMAIL:
        return False
    told = {"by": by, "workspace": workspace, "role": role, "link": link}
    send(email, f"{by} invites you to Run Studio", "email/invitation.txt", told)
    return True


def send(address: str, subject: str, template: str, told: dict[str, Any]) -> None:
    """Send a mail soon; a failure is logged, without the secret that the mail holds."""
    text = render_to_string(template, {**told, "studio": settings.PUBLIC_URL})
    mail = EmailMessage(subject, text, to=[address])
    threading.Thread(target=_send, args=(mail,), name="mail", daemon=True).start()


def _send(mail: EmailMessage) -> None:
    try:
        mail.send()
    except Exception as error:
        log.error("The mail %r could not be sent: %s", mail.subject, error)
