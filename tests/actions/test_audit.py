"""The audit: lines that are added and never changed."""

from __future__ import annotations

import pytest

from runs.access import Actor
from runs.actions import audit, tokens
from runs.models import AuditEvent, User, Workspace
from runs.models.audit import AppendOnly


def test_a_line_says_who_from_where_and_what(workspace: Workspace, alice: User) -> None:
    token = tokens.find(tokens.issue(alice, "laptop"))
    assert token is not None
    actor = Actor.of_token(token, "192.0.2.7")
    audit.record(
        actor,
        "member.role",
        workspace=workspace,
        about="bob",
        before={"role": "reader"},
        after={"role": "owner"},
    )
    told = AuditEvent.objects.inside(workspace).get()
    assert (told.actor_kind, told.actor_name, told.user) == ("user", "alice", alice)
    assert (told.token_prefix, told.address) == (token.prefix, "192.0.2.7")
    assert (told.verb, told.about) == ("member.role", "bob")
    assert (told.before, told.after) == ({"role": "reader"}, {"role": "owner"})


def test_a_line_is_never_changed_nor_deleted(alice: User) -> None:
    audit.record(Actor.of_user(alice), "sign_in.done")
    told = AuditEvent.objects.get()
    for attempt in (
        told.save,
        told.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(verb="other"),
        lambda: AuditEvent.objects.filter(pk=told.pk).update(verb="other"),
    ):
        with pytest.raises(AppendOnly):
            attempt()
    assert AuditEvent.objects.get().verb == "sign_in.done"


def test_hostile_text_is_kept_short_and_on_one_line(alice: User) -> None:
    nobody = Actor("nobody", "\0\ud800\x1b[2J" + "x" * 1_000)
    audit.record(nobody, "sign_in.failed", about="a\nb", after={"text": "y" * 1_000, "n": 1})
    told = AuditEvent.objects.get()
    assert len(told.actor_name) == 200
    assert told.actor_name.isprintable()
    assert told.about == "a\N{REPLACEMENT CHARACTER}b"
    assert told.after == {"text": "y" * 199 + "…", "n": 1}


def test_a_line_outlives_whom_it_tells_of(charlie: User, other_workspace: Workspace) -> None:
    actor = Actor.of_user(charlie)
    audit.record(actor, "workspace.create", workspace=other_workspace, about="elsewhere")
    other_workspace.delete()
    charlie.delete()
    told = AuditEvent.objects.get(verb="workspace.create")
    assert (told.actor_name, told.about) == ("charlie", "elsewhere")
    assert (told.user, told.workspace) == (None, None)
