"""Alerts: the rules of a person and of a workspace, made, tried and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from runs.access import Right
from runs.actions import alerts, bells, deliveries
from runs.actions.alert_rules import DIGESTS, Wanted
from runs.actions.alert_secrets import secret_of
from runs.actions.refused import Refused
from runs.models.alert import OPERATORS, Channel, Kind
from runs.queries.alerts import preview as foreseen
from runs.queries.alerts import shown, sound
from runs.views import alert_forms, toasts
from runs.views.alert_messages import log
from runs.views.doors import Visit, find_run, in_workspace
from studio.contract.errors import Code
from studio.contract.words import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from runs.models import AlertRule

# The ends first: they are what people want to be told of.
_STATUSES = (
    *(Status.FAILED, Status.COMPLETED, Status.CANCELED, Status.NOT_RESPONDING, Status.RUNNING),
    *(Status.QUEUED, Status.PREPARING, Status.FINALIZING, Status.CANCEL_REQUESTED),
)
_BELLS_SHOWN = 50


@require_safe
@in_workspace(Right.KEEP_ALERTS)
def all_alerts(visit: Visit) -> HttpResponse:
    """Show the person's own rules, those of the workspace, and their bells."""
    rules = shown(alerts.rules_of(visit.actor, visit.workspace).filter(run=None))
    told = [(rule, alerts.may_change(rule, visit.actor, visit.rights)) for rule in rules]
    mine = alerts.rules_of(visit.actor, visit.workspace).bells().enabled().order_by("-pk")
    context = {
        **_around(visit),
        "mine": [each for each in told if not each[0].for_all],
        "shared": [each for each in told if each[0].for_all],
        "bells": list(mine[:_BELLS_SHOWN]),
    }
    return render(visit.request, "alerts/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Right.KEEP_ALERTS)
def new(visit: Visit) -> HttpResponse:
    """Show the empty form, or make the rule that it asks for."""
    if visit.request.method != "POST":
        return _form(visit, alert_forms.filled(alert_forms.NEW))
    fields = alert_forms.typed(visit.request.POST)
    try:
        wanted = sound(alert_forms.wanted_of(fields), visit.workspace, by=visit.actor)
        rule = alerts.create(visit.workspace, by=visit.actor, wanted=wanted)
    except Refused as refused:
        return _form(visit, fields, problem=refused, status=422)
    toasts.say(visit.request, f"The alert {rule.name} listens from now on.")
    return redirect("alert", ws=visit.workspace.name, number=rule.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Right.KEEP_ALERTS)
def one(visit: Visit, number: str) -> HttpResponse:
    """Show a rule with what it sent, or save what its form says."""
    rule = _found(visit, number)
    if visit.request.method != "POST":
        return _form(visit, alert_forms.filled(Wanted.of(rule)), rule=rule)
    fields = alert_forms.typed(visit.request.POST)
    version = visit.request.POST.get("version", "")
    try:
        wanted = alert_forms.wanted_of(fields, enabled=rule.enabled)
        sound(wanted, visit.workspace, by=visit.actor)
        seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        alerts.save(rule, by=visit.actor, version=seen, wanted=wanted)
    except Refused as refused:
        status = 409 if refused.code is Code.CONFLICT else 422
        return _form(visit, fields, rule=rule, problem=refused, status=status)
    toasts.say(visit.request, "Saved.")
    return redirect("alert", ws=visit.workspace.name, number=rule.pk)


@require_safe
@in_workspace(Right.KEEP_ALERTS)
def preview(visit: Visit) -> HttpResponse:
    """Say how often the rule that is being written would have told of a run last week."""
    fields = alert_forms.typed(visit.request.GET)
    context: dict[str, Any] = {}
    try:
        wanted = alert_forms.wanted_of({**fields, "name": fields["name"] or "?"})
        by, now = visit.actor, timezone.now()
        context["found"] = foreseen(wanted, visit.workspace, by=by, now=now)
    except Refused as refused:
        context["problem"] = refused
    return render(visit.request, "alerts/_preview.html", context)


@require_POST
@in_workspace(Right.KEEP_ALERTS)
def switch(visit: Visit, number: str) -> HttpResponse:
    """Switch a rule on or off."""
    is_on = visit.request.POST.get("on") == "true"
    rule = _found(visit, number)
    said = f"The alert {rule.name} is {'on' if is_on else 'off'}."
    return _done(visit, lambda: alerts.switch(rule, by=visit.actor, on=is_on), said)


@require_POST
@in_workspace(Right.KEEP_ALERTS)
def delete(visit: Visit, number: str) -> HttpResponse:
    """Delete a rule and the log of what it sent."""
    rule = _found(visit, number)
    said = f"The alert {rule.name} is deleted."
    return _done(visit, lambda: alerts.delete(rule, by=visit.actor), said)


@require_POST
@in_workspace(Right.KEEP_ALERTS)
def try_out(visit: Visit, number: str) -> HttpResponse:
    """Send a test message."""
    rule = _found(visit, number)
    said = "A test is on its way: its message below says when it has arrived."
    return _done(visit, lambda: deliveries.test(rule, by=visit.actor), said, rule)


@require_POST
@in_workspace(Right.KEEP_ALERTS)
def new_secret(visit: Visit, number: str) -> HttpResponse:
    """Sign with another key from now on."""
    rule = _found(visit, number)
    said = "Messages are signed with a new secret; the old one verifies nothing any more."
    return _done(visit, lambda: alerts.new_secret(rule, by=visit.actor), said, rule)


@require_POST
@in_workspace(Right.KEEP_ALERTS)
def first(visit: Visit) -> HttpResponse:
    """Make the rule that everybody begins with."""
    said = f"The alert {bells.FIRST.name} listens from now on."
    return _done(
        visit, lambda: alerts.create(visit.workspace, by=visit.actor, wanted=bells.FIRST), said
    )


@require_POST
@in_workspace(Right.KEEP_ALERTS)
def ring(visit: Visit, run_id: str) -> HttpResponse:
    """Be told how a run ends, or no more."""
    run = find_run(visit, run_id)
    run.workspace = visit.workspace
    is_on = visit.request.POST.get("on") == "true"
    told = f"You get a mail when {run} ends or does not respond."
    try:
        bells.ring(run, by=visit.actor, on=is_on)
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}".strip())
    else:
        toasts.say(visit.request, told if is_on else f"You get no mail about {run}.")
    return redirect(toasts.way_back(visit, f"/w/{visit.workspace.name}/runs/{run.run_id}/"))


def _done(
    visit: Visit, act: Callable[[], object], said: str, rule: AlertRule | None = None
) -> HttpResponse:
    """Do it and say so, or say why not, on the page of the rule or that of all."""
    try:
        act()
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}".strip())
    else:
        toasts.say(visit.request, said)
    if rule is None:
        return redirect("alerts", ws=visit.workspace.name)
    return redirect("alert", ws=visit.workspace.name, number=rule.pk)


def _found(visit: Visit, number: str) -> AlertRule:
    try:
        return alerts.rule_for(visit.actor, visit.workspace, number)
    except Refused as refused:
        raise Http404(refused.detail) from None


def _around(visit: Visit) -> dict[str, Any]:
    person = visit.actor.user
    return {
        "visit": visit,
        "workspace": visit.workspace,
        "section": "alerts",
        "cannot_mail": bells.cannot_mail(person) if person else "",
        "may_share": visit.may(Right.MANAGE),
        "may_post": visit.may(Right.EDIT),
    }


def _form(
    visit: Visit,
    fields: dict[str, Any],
    *,
    rule: AlertRule | None = None,
    problem: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    may_change = rule is None or alerts.may_change(rule, visit.actor, visit.rights)
    context = {
        **_around(visit),
        "rule": rule,
        "fields": fields,
        "problem": problem,
        "wrong": problem.field if problem else "",
        "may_change": may_change,
        "statuses": [status.value for status in _STATUSES],
        "kinds": Kind,
        "operators": OPERATORS,
        "digests": [(str(minutes), _DIGESTS[minutes]) for minutes in DIGESTS],
    }
    if rule is not None:
        rule.refresh_from_db()
        context |= {"now": Wanted.of(rule), "target": alerts.shown_target(rule)}
        if may_change:
            context |= log(visit, rule)
            context["secret"] = secret_of(rule) if rule.channel == Channel.WEBHOOK else ""
    return render(visit.request, "alerts/form.html", context, status=status)


_DIGESTS = {
    0: "at once",
    5: "gathered for 5 minutes",
    15: "gathered for 15 minutes",
    60: "gathered for an hour",
    1_440: "gathered for a day",
}
