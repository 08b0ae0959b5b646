"""Descriptions are drawn when they are saved, with what they name beside them."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from runs import markdown
from runs.access import Actor
from runs.actions import attachments, deletion, descriptions, leftovers, lifecycle, runs
from runs.actions.refused import Refused
from runs.actions.runs import NewRun
from runs.models import Description, Run, User, Workspace
from runs.stores import blobs
from studio.contract import places
from tests.conftest import MakeRun

Edit = Callable[..., None]


@pytest.fixture
def edit(alice: User) -> Edit:
    def save(run: Run, text: str) -> None:
        runs.edit(run, by=Actor.of_user(alice), description=text)

    return save


def drawn(run: Run) -> str:
    return Description.objects.get(run=run).html


def test_a_description_is_drawn_when_it_is_saved(make_run: MakeRun, edit: Edit) -> None:
    run = make_run(description="*first*")
    assert drawn(run) == "<p><em>first</em></p>\n"
    edit(run, "**then**")
    assert drawn(run) == "<p><strong>then</strong></p>\n"
    edit(run, "")
    assert not Description.objects.exists()


def test_a_run_without_description_has_nothing_drawn(run: Run) -> None:
    assert not Description.objects.exists()


def test_nothing_is_drawn_by_what_leaves_the_description(
    make_run: MakeRun, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(description="kept")
    monkeypatch.setattr(markdown, "render", lambda *_: pytest.fail("drawn"))
    runs.edit(run, by=Actor.of_user(alice), display_name="other")
    assert drawn(run) == "<p>kept</p>\n"


def test_a_refused_edit_leaves_what_was_drawn(make_run: MakeRun, alice: User) -> None:
    run = make_run(description="kept")
    with pytest.raises(Refused):
        runs.edit(run, by=Actor.of_user(alice), description="lost", version=9)
    assert drawn(run) == "<p>kept</p>\n"


def test_files_beside_it_lead_to_the_run(run: Run, edit: Edit) -> None:
    edit(run, "![p](outputs/a%20b.png) [t](logs/x.txt) ![q](attachments/q.png) [r](attachments/r)")
    found = re.findall(r'(?:src|href)="([^"]+)"', drawn(run))
    page = f"/w/main/runs/{run.run_id}/"
    assert found == [
        f"{page}files/outputs/a%20b.png?show",
        f"{page}logs/?file=logs/x.txt",
        f"{page}attachments/q.png",
        f"{page}attachments/r",
    ]


def test_addresses_are_those_of_the_pages() -> None:
    run = ["main", "x.1"]
    shown = places.run_picture("main", "x.1", "outputs/é.png")
    assert shown == reverse("run_file", args=[*run, "outputs/é.png"]) + "?show"
    assert (
        places.run_file_page("main", "x.1", "a.txt")
        == reverse("run_logs", args=run) + "?file=a.txt"
    )
    kept = places.run_picture("main", "x.1", "attachments/é.png")
    assert kept == reverse("attachment", args=[*run, "é.png"])


def test_a_run_is_linked_by_its_id_if_it_is_there(
    make_run: MakeRun, edit: Edit, alice: User, other_workspace: Workspace, charlie: User
) -> None:
    make_run(run_id="base-1")
    make_run(run_id="foreign", inside=other_workspace, by=charlie)
    gone = make_run(run_id="gone", start=True)
    lifecycle.complete(gone, by=Actor.of_user(alice))
    deletion.delete(gone, by=Actor.of_user(alice))
    run = make_run()
    edit(run, "As #base-1, not #foreign, #gone or #never.")
    assert re.findall(r'<a href="([^"]+)"', drawn(run)) == ["/w/main/runs/base-1/"]


def test_what_other_rules_drew_is_drawn_again(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(description="*a*")
    assert descriptions.redraw_old() == 0
    Description.objects.update(html="", renderer=0)
    assert descriptions.redraw_old() == 1
    assert drawn(run) == "<p><em>a</em></p>\n"
    assert descriptions.redraw_old() == 0
    monkeypatch.setattr(markdown, "VERSION", markdown.VERSION + 1)
    assert descriptions.redraw_old() == 1


def test_drawing_again_does_not_undo_a_save_meanwhile(
    make_run: MakeRun, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(description="old")
    Description.objects.update(renderer=0)
    draw = descriptions.draw

    def slowly(described: Run, text: str) -> str:
        monkeypatch.setattr(descriptions, "draw", draw)
        edit(run, "new")
        return draw(described, text)

    monkeypatch.setattr(descriptions, "draw", slowly)
    descriptions.redraw_old()
    assert drawn(run) == "<p>new</p>\n"


def test_children_are_drawn_too(run: Run, alice: User) -> None:
    (child,) = runs.create_children(run, by=Actor.of_user(alice), new=[{"description": "*c*"}])
    assert drawn(child) == "<p><em>c</em></p>\n"


def test_a_text_that_cannot_be_stored_is_refused_and_nothing_drawn(
    workspace: Workspace, alice: User
) -> None:
    new = NewRun(experiment_name="e", description="\0")
    with pytest.raises(Refused, match="NUL"):
        runs.create(workspace, by=Actor.of_user(alice), new=new)
    assert not Description.objects.exists()


def test_bytes_of_an_attachment_go_with_its_run_unless_another_needs_them(
    make_run: MakeRun, alice: User
) -> None:
    by = Actor.of_user(alice)
    kept, gone = make_run(start=True), make_run(start=True)
    for run, texts in ((kept, (b"shared",)), (gone, (b"shared", b"alone"))):
        for n, text in enumerate(texts):
            attachments.put(run, by=by, name=f"{n}.txt", stream=io.BytesIO(text))
    shared, alone = gone.attachments.order_by("name").values_list("sha256", flat=True)
    lifecycle.complete(gone, by=by)
    deletion.delete(gone, by=by)
    deletion.purge(gone, by=by)
    for content in (shared, alone):
        os.utime(blobs.path_of(kept.workspace_id, content), (0, 0))
    leftovers.free(timezone.now())
    assert blobs.has(kept.workspace_id, shared)
    assert not blobs.has(kept.workspace_id, alone)
