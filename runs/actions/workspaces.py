"""Workspaces, their members and their compute targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from runs.actions.refused import Refused
from runs.actions.text import check_pattern
from runs.models import ComputeTarget, Membership, Workspace
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import TARGET_LOCAL, TARGET_SDK, Role

if TYPE_CHECKING:
    from runs.models import User


def create(name: str, *, owner: User) -> Workspace:
    """Return a new workspace that belongs to ``owner``; refuses a name that is taken."""
    rule = "3 to 33 letters, digits, - or _, beginning with a letter or digit"
    check_pattern(name, "name", limits.WORKSPACE_PATTERN, rule)
    if Workspace.objects.filter(name=name).exists():
        raise Refused(Code.CONFLICT, f'There is already a workspace "{name}".', field="name")
    with transaction.atomic():
        workspace = Workspace.objects.create(name=name)
        add_member(workspace, owner, Role.OWNER)
    return workspace


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
