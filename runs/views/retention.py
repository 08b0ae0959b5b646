"""Retention: which old runs a workspace deletes, and what such a rule would delete now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from runs.access import Right
from runs.actions import retention
from runs.actions.refused import Refused
from runs.queries.retention import Going, preview
from runs.views import toasts
from runs.views.doors import Visit, in_workspace
from runs.views.sign_in import refusal

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from runs.models import RetentionRule

_TEMPLATE = "workspaces/retention.html"
_DIGITS = 6


@never_cache
@require_safe
@in_workspace(Right.MANAGE)
def show(visit: Visit) -> HttpResponse:
    """Show the rules, and what one that somebody thinks of would delete now."""
    asked = visit.request.GET
    if "days" not in asked:
        return render(visit.request, _TEMPLATE, _told(visit, asked))
    try:
        return render(visit.request, _TEMPLATE, _told(visit, asked, going=_seen(visit, asked)))
    except Refused as refused:
        told = _told(visit, asked, problem=refused)
        return refusal(visit.request, _TEMPLATE, refused, told)


@require_POST
@in_workspace(Right.MANAGE)
def make(visit: Visit) -> HttpResponse:
    """Make a rule that was looked at; if other runs would go by now, they are shown first."""
    asked = visit.request.POST
    try:
        found = _seen(visit, asked)
    except Refused as refused:
        return refusal(visit.request, _TEMPLATE, refused, _told(visit, asked, problem=refused))
    try:
        rule = retention.create(
            visit.workspace,
            by=visit.actor,
            query=_query(asked),
            days=_number(asked, "days"),
            goes=found.count,
            confirm=_number(asked, "confirm"),
        )
    except Refused as refused:
        told = _told(visit, asked, going=found, problem=refused)
        return refusal(visit.request, _TEMPLATE, refused, told)
    toasts.say(
        visit.request, f"Runs that it means go into the bin {rule.days} days after their end."
    )
    return redirect("retention", ws=visit.workspace.name)


@require_POST
@in_workspace(Right.MANAGE)
def switch(visit: Visit, number: str) -> HttpResponse:
    """Follow a rule, or do not any more."""
    is_on = "on" in visit.request.POST
    retention.switch(_found(visit, number), by=visit.actor, on=is_on)
    toasts.say(visit.request, "The rule is followed." if is_on else "The rule is switched off.")
    return redirect("retention", ws=visit.workspace.name)


@require_POST
@in_workspace(Right.MANAGE)
def delete(visit: Visit, number: str) -> HttpResponse:
    """Delete a rule."""
    retention.delete(_found(visit, number), by=visit.actor)
    toasts.say(visit.request, "The rule is deleted. What it has deleted stays in the bin.")
    return redirect("retention", ws=visit.workspace.name)


def _seen(visit: Visit, asked: QueryDict) -> Going:
    days = _number(asked, "days")
    return preview(_query(asked), days, visit.workspace, by=visit.actor, now=timezone.now())


def _query(asked: QueryDict) -> str:
    return asked.get("filter", "").strip()


def _number(asked: QueryDict, name: str) -> int:
    text = asked.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def _found(visit: Visit, number: str) -> RetentionRule:
    try:
        return retention.rule_for(visit.workspace, number)
    except Refused as refused:
        raise Http404(refused.detail) from None


def _told(
    visit: Visit, asked: QueryDict, *, going: Going | None = None, problem: Refused | None = None
) -> dict[str, Any]:
    return {
        "visit": visit,
        "settings": True,
        "workspace": visit.workspace,
        "may_manage": True,
        "rules": retention.rules_of(visit.workspace),
        "filter": _query(asked),
        "days": asked.get("days", "90"),
        "going": going,
        "problem": problem,
    }
