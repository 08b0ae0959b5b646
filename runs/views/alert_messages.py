"""What an alert has sent: the log of its messages, one more try, a replay. And the way out of its mails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from runs import live
from runs.access import Right
from runs.actions import alerts, deliveries, unsubscribing
from runs.actions.refused import Refused
from runs.models import Delivery
from runs.queries.paging import page
from runs.views import toasts
from runs.views.doors import Visit, in_workspace, public
from studio.contract import limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from runs.models import AlertRule


def log(visit: Visit, rule: AlertRule) -> dict[str, Any]:
    """Return what a page shows of the messages of a rule, the newest first."""
    sent = Delivery.objects.filter(rule=rule).select_related("asked_by", "replay_of")
    try:
        found, following = page(
            sent, limits.PAGE, visit.request.GET.get("after", ""), field="after"
        )
    except Refused as refused:
        raise Http404(refused.detail) from None
    changed = ".".join(f"{each.pk}{each.state[0]}{each.tries}{each.size}" for each in found)
    return {"messages_sent": found, "following": following, "changed": changed}


@require_safe
@in_workspace(Right.KEEP_ALERTS)
def show(visit: Visit, number: str) -> HttpResponse:
    """Show the log alone, for a page that renews it."""
    rule = _changeable(visit, number)
    context = {"visit": visit, "workspace": visit.workspace, "rule": rule, **log(visit, rule)}
    known = live.unchanged(visit.request, context["changed"])
    return known or render(visit.request, "alerts/_messages.html", context)


@require_POST
@in_workspace(Right.KEEP_ALERTS)
def retry(visit: Visit, number: str, name: str) -> HttpResponse:
    """Try now to send a message."""
    return _done(
        visit,
        number,
        lambda: deliveries.retry(_message(visit, number, name), by=visit.actor),
        "It is tried again now.",
    )


@require_POST
@in_workspace(Right.KEEP_ALERTS)
def replay(visit: Visit, number: str, name: str) -> HttpResponse:
    """Send a message once more."""
    return _done(
        visit,
        number,
        lambda: deliveries.replay(_message(visit, number, name), by=visit.actor),
        "It is sent once more.",
    )


@csrf_exempt  # The token is the right, and programs of mail ask without a cookie (RFC 8058).
@public
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether somebody wants no more mails of a rule, or see to it."""
    try:
        if request.method == "POST":
            rule = unsubscribing.unsubscribe(token)
            address = unsubscribing.unsubscription(token)[1]
        else:
            rule, address = unsubscribing.unsubscription(token)
    except Refused as refused:
        raise Http404(refused.detail) from None
    context = {"rule": rule, "address": address, "is_done": request.method == "POST"}
    response = render(request, "alerts/leave.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _done(visit: Visit, number: str, act: Callable[[], object], said: str) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}".strip())
    else:
        toasts.say(visit.request, said)
    return redirect("alert", ws=visit.workspace.name, number=number)


def _changeable(visit: Visit, number: str) -> AlertRule:
    """Return a rule whose messages this person may see; what others sent is not there for them."""
    try:
        rule = alerts.rule_for(visit.actor, visit.workspace, number)
    except Refused as refused:
        raise Http404(refused.detail) from None
    if not alerts.may_change(rule, visit.actor, visit.rights):
        raise Http404("Owners see what alerts of the workspace have sent.")
    return rule


def _message(visit: Visit, number: str, name: str) -> Delivery:
    _changeable(visit, number)
    try:
        return deliveries.delivery_for(visit.actor, visit.workspace, number, name)
    except Refused as refused:
        raise Http404(refused.detail) from None
