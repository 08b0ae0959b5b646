"""The audit of a workspace, for its owners."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from runs.actions.text import UNSTORABLE
from runs.models import AuditEvent, Membership
from runs.queries.export import csv_cell, csv_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runs.models import Workspace
    from runs.models.audit import AuditQuerySet

AT_ONCE = 100
_FIELDS = ("at", "who", "kind", "token", "address", "verb", "about", "before", "after")
# What a person does outside any workspace and what an owner of theirs may ask about.
_OF_PEOPLE = ("sign_in.", "session.", "password.", "token.", "account.", "second_step.")


def lines(workspace: Workspace, *, verb: str = "", who: str = "") -> AuditQuerySet:
    """Return the lines about a workspace and about the doors of its members, the newest first.

    ``verb`` is how the verb begins, ``who`` a user name.
    """
    members = Membership.objects.filter(workspace=workspace)
    doors = Q()
    for noun in _OF_PEOPLE:
        doors |= Q(verb__startswith=noun)
    theirs = Q(workspace=None, user__in=members.values("user")) & doors
    failed = Q(workspace=None, actor_name__in=members.values("user__username"))
    failed &= Q(verb="sign_in.fail")
    found = AuditEvent.objects.filter(Q(workspace=workspace) | theirs | failed)
    if UNSTORABLE.search(verb + who):
        return found.none()
    if verb:
        found = found.filter(verb__startswith=verb)
    if who:
        found = found.filter(actor_name=who)
    return found.order_by("-id")


def as_csv(found: AuditQuerySet) -> Iterator[str]:
    """Yield the lines as CSV; what a spreadsheet would take for a formula is none."""
    yield csv_lines([list(_FIELDS)])
    for page in _pages(found):
        yield csv_lines([[csv_cell(value) for value in _told(event).values()] for event in page])


def as_ndjson(found: AuditQuerySet) -> Iterator[str]:
    """Yield the lines as JSON, one on each line."""
    for page in _pages(found):
        yield "".join(f"{json.dumps(_told(event), ensure_ascii=False)}\n" for event in page)


def _pages(found: AuditQuerySet) -> Iterator[list[AuditEvent]]:
    page = list(found[:AT_ONCE])
    while page:
        yield page
        page = list(found.filter(pk__lt=page[-1].pk)[:AT_ONCE])


def _told(event: AuditEvent) -> dict[str, Any]:
    values = (
        *(event.at.isoformat(), event.actor_name, event.actor_kind, event.token_prefix),
        *(event.address, event.verb, event.about, event.before, event.after),
    )
    return dict(zip(_FIELDS, values, strict=True))
