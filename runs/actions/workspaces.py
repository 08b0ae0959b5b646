"""Workspaces, their members and their compute targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from runs.actions import audit, experiments
from runs.actions.refused import Refused
from runs.actions.text import check_pattern
from runs.models import ComputeTarget, Membership, Run, Workspace
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import TARGET_LOCAL, TARGET_SDK, TERMINAL, Role

if TYPE_CHECKING:
    from datetime import datetime

    from runs.access import Actor
    from runs.models import User


def create(name: str, *, owner: User) -> Workspace:
    """Return a new workspace that belongs to ``owner``; refuses a name that is taken."""
    _check_name(name)
    try:
        with transaction.atomic():
            workspace = Workspace.objects.create(name=name)
            add_member(workspace, owner, Role.OWNER)
            experiments.create_default(workspace)
    except IntegrityError:
        raise _taken(name) from None
    return workspace


def may_found(user: User) -> bool:
    """Whether a person may make a workspace: whoever owns one, as they care for people already.

    Whoever was let in as a reader or contributor was not let in to fill the disk with their own.
    """
    return Membership.objects.filter(user=user, role=Role.OWNER).exists()


def found(name: str, *, by: Actor) -> Workspace:
    """Return a new workspace that belongs to who acts.

    Raises:
        Refused: they own no workspace yet, or the name is taken or cannot be.
    """
    if by.user is None or not may_found(by.user):
        raise Refused(
            Code.FORBIDDEN,
            "Only owners of a workspace make another one.",
            hint="Ask an owner to make it and to invite you.",
        )
    with transaction.atomic():
        workspace = create(name, owner=by.user)
        audit.record(by, "workspace.make", workspace=workspace, about=name)
    return workspace


def rename(workspace: Workspace, name: str, *, by: Actor) -> None:
    """Give a workspace another name; addresses and configurations with the old one lead nowhere.

    Raises:
        Refused: the name is taken or cannot be.
    """
    before = workspace.name
    if name == before:
        return
    _check_name(name)
    try:
        with transaction.atomic():
            Workspace.objects.filter(pk=workspace.pk).update(name=name)
            told = {"before": {"name": before}, "after": {"name": name}}
            audit.record(by, "workspace.rename", workspace=workspace, about=name, **told)
    except IntegrityError:
        raise _taken(name) from None
    workspace.name = name


def archive(workspace: Workspace, *, by: Actor) -> None:
    """Let nothing change in a workspace any more; it leaves the switcher and can be looked at.

    Raises:
        Refused: runs go on there, whose reports would be refused.
    """
    going = Run.objects.inside(workspace).present().exclude(status__in=TERMINAL).count()
    if going:
        raise Refused(
            Code.CONFLICT,
            f"{going:,} runs have not ended, and what they report would be lost.",
            hint="Cancel them, or wait for their end.",
        )
    _shelve(workspace, timezone.now(), "workspace.archive", by)


def bring_back(workspace: Workspace, *, by: Actor) -> None:
    """Let things change in an archived workspace again."""
    _shelve(workspace, None, "workspace.bring_back", by)


def _shelve(workspace: Workspace, at: datetime | None, verb: str, by: Actor) -> None:
    if (workspace.archived_at is None) is (at is None):
        return
    with transaction.atomic():
        Workspace.objects.filter(pk=workspace.pk).update(archived_at=at)
        audit.record(by, verb, workspace=workspace, about=workspace.name)
    workspace.archived_at = at


def _check_name(name: str) -> None:
    rule = "3 to 33 letters, digits, - or _, beginning with a letter or digit"
    check_pattern(name, "name", limits.WORKSPACE_PATTERN, rule)
    if Workspace.objects.filter(name=name).exists():
        raise _taken(name)


def _taken(name: str) -> Refused:
    return Refused(Code.CONFLICT, f'There is already a workspace "{name}".', field="name")


def add_member(workspace: Workspace, user: User, role: Role) -> Membership:
    """Return the membership of a person who is new there."""
    return Membership.objects.create(workspace=workspace, user=user, role=role.value)


def create_target(
    workspace: Workspace, name: str, *, kind: str = "local", max_runs: int = 2
) -> ComputeTarget:
    """Return a new compute target; refuses names that mean something else, or are taken."""
    rule = "1 to 63 letters, digits, - or _, beginning with a letter or digit"
    check_pattern(name, "name", limits.TARGET_PATTERN, rule)
    if name in (TARGET_LOCAL, TARGET_SDK):
        raise Refused(
            Code.BAD_REQUEST, f'"{name}" means the submitter\'s own machine.', field="name"
        )
    if ComputeTarget.objects.inside(workspace).filter(name=name).exists():
        raise Refused(Code.CONFLICT, f'There is already a compute target "{name}".', field="name")
    return ComputeTarget.objects.create(
        workspace=workspace, name=name, kind=kind, max_runs=max_runs
    )
