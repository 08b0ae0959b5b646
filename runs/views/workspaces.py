"""A person's workspaces: the switcher, the page of them all, and the settings of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from runs.access import Right
from runs.actions import accounts, workspaces
from runs.actions.refused import Refused
from runs.models import Membership
from runs.views.account import actor, person
from runs.views.doors import Visit, in_workspace, signed_in
from runs.views.sign_in import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


@signed_in
@never_cache
@require_safe
def switcher(request: HttpRequest) -> HttpResponse:
    """Show the workspaces to go to; the menu in the header asks for them when it opens."""
    mine = [each.workspace for each in _mine(request) if each.workspace.archived_at is None]
    told = {"workspaces": mine, "at": request.GET.get("at", "")}
    return render(request, "account/_switcher.html", told)


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def all_workspaces(request: HttpRequest) -> HttpResponse:
    """Show a person's workspaces; or make another one."""
    told: dict[str, Any] = {
        "memberships": _mine(request),
        "may_found": workspaces.may_found(person(request)),
    }
    if request.method != "POST":
        return render(request, "account/workspaces.html", told)
    name = request.POST.get("name", "").strip()
    try:
        made = workspaces.found(name, by=actor(request))
    except Refused as refused:
        told |= {"problem": refused, "name": name}
        return refusal(request, "account/workspaces.html", refused, told)
    return redirect("members", ws=made.name)


@signed_in
@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    """Open one of a person's workspaces first, or none in particular."""
    name = request.POST.get("workspace", "")
    mine = {each.workspace.name: each.workspace for each in _mine(request)}
    accounts.prefer(person(request), mine.get(name))
    return redirect("workspaces")


@require_safe
@in_workspace(Right.VIEW)
def settings(visit: Visit) -> HttpResponse:
    """Show what can be set of a workspace, and to whom."""
    return _show(visit)


@require_POST
@in_workspace(Right.MANAGE)
def rename(visit: Visit) -> HttpResponse:
    """Give the workspace another name."""
    name = visit.request.POST.get("name", "").strip()
    return _do(visit, lambda: workspaces.rename(visit.workspace, name, by=visit.actor))


@require_POST
@in_workspace(Right.MANAGE)
def archive(visit: Visit) -> HttpResponse:
    """Archive the workspace, or bring it back."""
    change = workspaces.bring_back if "back" in visit.request.POST else workspaces.archive
    return _do(visit, lambda: change(visit.workspace, by=visit.actor))


def _do(visit: Visit, change: Callable[[], object]) -> HttpResponse:
    try:
        change()
    except Refused as refused:
        return _show(visit, refused)
    messages.success(visit.request, "Saved.")
    return redirect("workspace_settings", ws=visit.workspace.name)


def _show(visit: Visit, refused: Refused | None = None) -> HttpResponse:
    told = {
        "visit": visit,
        "settings": True,
        "workspace": visit.workspace,
        "may_manage": visit.may(Right.MANAGE),
        "problem": refused,
        "name": visit.request.POST.get("name", visit.workspace.name),
    }
    if refused is None:
        return render(visit.request, "workspaces/settings.html", told)
    return refusal(visit.request, "workspaces/settings.html", refused, told)


def _mine(request: HttpRequest) -> list[Membership]:
    mine = Membership.objects.filter(user=person(request)).select_related("workspace")
    return list(mine.order_by("workspace__name"))
