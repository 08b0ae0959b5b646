"""Who and what is there before anybody signs in: made once, found again at every later start."""

from __future__ import annotations

import os
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from runs.actions import accounts, tokens, workspaces
from runs.actions.refused import Refused
from runs.management.refusal import StartError
from runs.models import ApiToken, ComputeTarget, Membership, User, Workspace
from studio.contract.words import Role

WORKSPACE = "main"
TARGET = "studio-local"
BOOTSTRAP = "STUDIO_BOOTSTRAP_TOKEN"


@dataclass(frozen=True, slots=True)
class Home:
    """The first owner, their workspace, and the studio's own compute target if it is still there."""

    owner: User
    workspace: Workspace
    target: ComputeTarget | None


def find_or_make_home(bootstrap_token: str = "") -> Home:
    """Return what the first start made; on the first start make it.

    ``bootstrap_token`` becomes the owner's API token, on the first start only.

    Raises:
        StartError: the token is none.
    """
    if not User.objects.exists():
        try:
            _make_home(bootstrap_token)
        except Refused as refused:
            raise StartError(f"{refused.field or 'First start'}: {refused.detail}") from None
    membership = (
        Membership.objects.filter(role=Role.OWNER, user__is_active=True)
        .select_related("user", "workspace")
        .order_by(F("workspace__archived_at").asc(nulls_first=True), "pk")
        .first()
    )
    if membership is None:
        raise StartError("No workspace has an owner who may sign in.")
    target = ComputeTarget.objects.inside(membership.workspace).filter(name=TARGET).first()
    return Home(membership.user, membership.workspace, target)


def fresh_agent_token(home: Home) -> str:
    """Return a new token for the agent of the studio's own target; older ones end here."""
    name = f"agent of {TARGET}"
    for old in ApiToken.objects.filter(target=home.target, name=name, revoked_at=None):
        tokens.revoke(old)
    return tokens.issue(home.owner, name, target=home.target, days=None)


@transaction.atomic
def _make_home(bootstrap_token: str) -> None:
    owner = accounts.create_owner()
    workspace = workspaces.create(WORKSPACE, owner=owner)
    workspaces.create_target(workspace, TARGET, max_runs=max(2, os.cpu_count() or 1))
    if bootstrap_token:
        tokens.adopt(owner, "bootstrap", bootstrap_token)
