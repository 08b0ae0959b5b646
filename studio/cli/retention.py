"""The commands ``studio retention …``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.cli.connecting import workspace_of
from studio.cli.printing import show

if TYPE_CHECKING:
    import argparse


def show_all(asked: argparse.Namespace) -> None:
    """List the rules of a workspace."""
    show(asked, _call(asked, "GET")["items"])


def preview(asked: argparse.Namespace) -> None:
    """Say what a rule would delete now."""
    show(asked, _call(asked, "POST", "preview", json=_said(asked)))


def create(asked: argparse.Namespace) -> None:
    """Make a rule; how many runs it would delete now has to be said."""
    body = _said(asked) | ({} if asked.confirm is None else {"confirm": asked.confirm})
    show(asked, _call(asked, "POST", json=body))


def enable(asked: argparse.Namespace) -> None:
    """Follow a rule again."""
    show(asked, _call(asked, "PATCH", asked.rule, json={"enabled": True}))


def disable(asked: argparse.Namespace) -> None:
    """Follow a rule no more."""
    show(asked, _call(asked, "PATCH", asked.rule, json={"enabled": False}))


def delete(asked: argparse.Namespace) -> None:
    """Delete a rule."""
    told = _call(asked, "DELETE", asked.rule)
    show(asked, told, f"The rule {told['id']} is deleted. What it has deleted stays in the bin.")


def _said(asked: argparse.Namespace) -> dict[str, Any]:
    return {"filter": asked.filter, "days": asked.days}


def _call(asked: argparse.Namespace, method: str, *parts: str, **options: Any) -> dict[str, Any]:
    transport = workspace_of(asked)._transport
    told: dict[str, Any] = transport.api(method, "retention", *parts, **options).json()
    return told
