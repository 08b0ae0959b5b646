"""Deleted runs: found nowhere but in the bin, brought back whole, and gone with their bytes at the end."""

from __future__ import annotations

import io
import os
from datetime import timedelta

import pytest
from django.utils import timezone

from runs import access
from runs.access import Actor, Right
from runs.actions import deletion, files, leftovers, lifecycle, logs, runs, snapshots
from runs.actions.refused import Refused
from runs.models import ComputeTarget, Leftover, Run, Snapshot, User, Workspace
from runs.models.run import Shelf
from runs.stores import blobs
from runs.stores import logs as log_store
from tests.conftest import MakeRun

SOURCE = b"print(1)"


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor.of_user(alice)


def ended(make_run: MakeRun, by: Actor, **fields: str) -> Run:
    run = make_run(start=True, **fields)
    lifecycle.complete(run, by=by)
    return run


def put(run: Run, by: Actor, path: str, data: bytes) -> str:
    return files.put(run, by=by, path=path, stream=io.BytesIO(data))[0].sha256


def make_old(workspace: Workspace, *contents: str) -> None:
    for sha in contents:
        os.utime(blobs.path_of(workspace.pk, sha), (0, 0))


def test_a_deleted_run_is_found_nowhere_until_it_is_brought_back(
    make_run: MakeRun, workspace: Workspace, by: Actor
) -> None:
    run = ended(make_run, by, run_id="gone")
    before = workspace.change_number
    deletion.delete(run, by=by)
    deletion.delete(run, by=by)
    with pytest.raises(Refused, match="There is no run"):
        access.run_for(by, "main", "gone", Right.VIEW)
    assert not access.runs_of(by, workspace).exists()
    with pytest.raises(Refused, match="There is no run"):
        runs.edit(run, by=by, hidden=False)
    assert list(Run.objects.binned()) == [run]
    workspace.refresh_from_db()
    assert workspace.change_number > before
    deletion.restore(run, by=by)
    deletion.restore(run, by=by)
    found = access.run_for(by, "main", "gone", Right.VIEW)
    assert (found.shelf, found.deleted_at) == (Shelf.LISTED, None)
    told = [e.data["shelf"] for e in run.events.filter(kind="edit")]
    assert told == [
        {"before": "listed", "after": "in the bin"},
        {"before": "in the bin", "after": "listed"},
    ]


@pytest.mark.parametrize("place", ["sdk", "local", "studio-local"])
def test_a_run_that_has_not_ended_is_not_deleted(
    make_run: MakeRun, place: str, by: Actor, target: ComputeTarget
) -> None:
    run = make_run(target=place, start=place == "sdk")
    with pytest.raises(Refused) as refused:
        deletion.delete(run, by=by)
    assert "Cancel it first" in refused.value.hint
    assert Run.objects.get(pk=run.pk).deleted_at is None


def test_a_tree_is_deleted_from_below_and_restored_from_above(make_run: MakeRun, by: Actor) -> None:
    top = ended(make_run, by, run_id="top")
    child = ended(make_run, by, parent_run_id="top")
    with pytest.raises(Refused, match="child runs"):
        deletion.delete(top, by=by)
    deletion.delete(child, by=by)
    deletion.delete(top, by=by)
    with pytest.raises(Refused, match="parent"):
        deletion.restore(child, by=by)
    with pytest.raises(Refused, match="child runs in the bin"):
        deletion.purge(top, by=by)
    deletion.purge(child, by=by)
    deletion.purge(top, by=by)
    assert not Run.objects.exists()


def test_only_bytes_that_nobody_needs_are_freed(
    make_run: MakeRun, workspace: Workspace, other_workspace: Workspace, by: Actor, charlie: User
) -> None:
    run, other = ended(make_run, by), ended(make_run, by)
    stranger = make_run(by=charlie, inside=other_workspace, start=True)
    own, shared = put(run, by, "a", b"own"), put(run, by, "b", b"shared")
    put(other, by, "c", b"shared")
    put(stranger, Actor.of_user(charlie), "a", b"own")
    source = put(run, by, "train.py", SOURCE)
    manifest = {"train.py": {"sha256": source, "size": len(SOURCE)}}
    snapshot, missing = snapshots.declare(workspace, by=by, files=manifest)
    assert not missing
    snapshots.attach(other, snapshot, by=by)
    logs.append(run, by=by, path="log.txt", session="s", sequence=0, data=b"line\n")
    make_old(workspace, own, shared, source)
    folder = log_store._folder(run.pk)
    assert folder.is_dir()
    deletion.delete(run, by=by)
    leftovers.free(timezone.now())
    assert blobs.has(workspace.pk, own), "it could still be brought back"
    deletion.purge(run, by=by)
    assert leftovers.free(timezone.now()) == 2
    assert not folder.exists()
    has = [blobs.has(workspace.pk, sha) for sha in (own, shared, source)]
    assert has == [False, True, True]
    assert blobs.has(other_workspace.pk, own)
    assert not Leftover.objects.exists()
    deletion.delete(other, by=by)
    deletion.purge(other, by=by)
    leftovers.free(timezone.now())
    assert not Snapshot.objects.exists()
    assert not blobs.has(workspace.pk, source)


def test_bytes_that_somebody_has_just_asked_for_stay_for_a_while(
    make_run: MakeRun, workspace: Workspace, by: Actor
) -> None:
    run = ended(make_run, by)
    sha = put(run, by, "a", b"bytes")
    make_old(workspace, sha)
    deletion.delete(run, by=by)
    deletion.purge(run, by=by)
    assert blobs.keep(workspace.pk, sha)
    now = timezone.now()
    assert leftovers.free(now) == 0
    assert blobs.has(workspace.pk, sha)
    make_old(workspace, sha)
    assert leftovers.free(now) == 0, "not before its time"
    assert leftovers.free(now + timedelta(minutes=11)) == 1
    assert not blobs.has(workspace.pk, sha)


def test_a_content_half_dropped_is_whole_again_or_gone(workspace: Workspace, by: Actor) -> None:
    sha, _ = blobs.put(workspace.pk, io.BytesIO(b"bytes"))
    path = blobs.path_of(workspace.pk, sha)
    path.rename(path.with_name(f"{sha}.old"))
    assert not blobs.drop(workspace.pk, sha, unused_for=600)
    assert path.read_bytes() == b"bytes"
    assert blobs.drop(workspace.pk, sha, unused_for=0)
    assert list(path.parent.iterdir()) == []
    assert blobs.drop(workspace.pk, sha, unused_for=0)
    assert not blobs.keep(workspace.pk, sha)


def test_the_bin_empties_itself_after_thirty_days(make_run: MakeRun, by: Actor) -> None:
    top = ended(make_run, by, run_id="top")
    child = ended(make_run, by, parent_run_id="top")
    young = ended(make_run, by)
    for run in (child, top, young):
        deletion.delete(run, by=by)
    now = timezone.now()
    old = Run.objects.filter(pk__in=[top.pk, child.pk])
    old.update(deleted_at=now - deletion.KEPT_FOR - timedelta(seconds=1))
    assert deletion.purge_old(now) == 2
    assert list(Run.objects.all()) == [young]
