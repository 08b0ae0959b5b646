"""A retention rule for the calls of every route."""

from __future__ import annotations

from typing import Any

from runs.access import Actor
from runs.actions import retention
from runs.models import RetentionRule, User, Workspace

_RULES = "/workspaces/{ws}/retention"
# What stands behind the workspace, the body, and the status of a good answer.
RETENTION_CASES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("GET", _RULES): ("/retention",),
    ("POST", _RULES): ("/retention", {"days": 30, "confirm": 0}, 201),
    ("POST", f"{_RULES}/preview"): ("/retention/preview", {"days": 30}),
    ("PATCH", f"{_RULES}/{{rule}}"): ("/retention/{rule}", {"enabled": False}),
    ("DELETE", f"{_RULES}/{{rule}}"): ("/retention/{rule}",),
}


def keep_rule(workspace: Workspace, alice: User) -> None:
    """Make a rule."""
    by = Actor.of_user(alice)
    retention.create(workspace, by=by, query="tag:a", days=30, goes=0, confirm=0)


def known_rule() -> str:
    return str(RetentionRule.objects.earliest("pk").pk)
