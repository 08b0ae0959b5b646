"""A snapshot is known by its contents; what is here already is not sent again."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from runs.access import Actor
from runs.actions import snapshots
from runs.actions.refused import Refused
from runs.models import Run, Snapshot, User, Workspace
from studio.contract.errors import Code


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor.of_user(alice)


def manifest(**files: bytes) -> dict[str, dict[str, object]]:
    return {
        f"{name}.py": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in files.items()
    }


def packed(*contents: bytes, name: str = "") -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for data in contents:
            archive.writestr(name or hashlib.sha256(data).hexdigest(), data)
    stream.seek(0)
    return stream


def test_only_what_is_missing_is_asked_for(workspace: Workspace, by: Actor) -> None:
    first, missing = snapshots.declare(workspace, by=by, files=manifest(a=b"one", b=b"two"))
    assert len(missing) == 2
    snapshots.fill(first, by=by, stream=packed(b"one", b"two"))
    second, missing = snapshots.declare(workspace, by=by, files=manifest(a=b"one", b=b"three"))
    assert missing == [hashlib.sha256(b"three").hexdigest()]
    same, missing = snapshots.declare(workspace, by=by, files=manifest(a=b"one", b=b"two"))
    assert (same, missing, same.complete, second.complete) == (first, [], True, False)


def test_another_workspace_does_not_learn_what_is_here(
    workspace: Workspace, other_workspace: Workspace, by: Actor
) -> None:
    first, _ = snapshots.declare(workspace, by=by, files=manifest(a=b"secret"))
    snapshots.fill(first, by=by, stream=packed(b"secret"))
    _, missing = snapshots.declare(other_workspace, by=by, files=manifest(a=b"secret"))
    assert len(missing) == 1


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (io.BytesIO(b"no zip"), Code.BAD_REQUEST),
        (packed(), Code.BAD_REQUEST),
        (packed(b"other"), Code.BAD_REQUEST),
        (packed(b"one", name="../../evil"), Code.BAD_REQUEST),
        (packed(b"oNe", name=hashlib.sha256(b"one").hexdigest()), Code.CHECKSUM),
    ],
)
def test_a_zip_that_is_not_what_was_declared_is_refused(
    workspace: Workspace, by: Actor, stream: io.BytesIO, code: Code
) -> None:
    snapshot, _ = snapshots.declare(workspace, by=by, files=manifest(a=b"one"))
    with pytest.raises(Refused) as refused:
        snapshots.fill(snapshot, by=by, stream=stream)
    assert refused.value.code is code
    assert not Snapshot.objects.get(pk=snapshot.pk).complete


def test_too_large_and_too_many_are_refused_with_the_way_out(
    workspace: Workspace, by: Actor
) -> None:
    large = {"a": {"sha256": "0" * 64, "size": 301 * 2**20}}
    with pytest.raises(Refused) as refused:
        snapshots.declare(workspace, by=by, files=large)
    assert refused.value.code is Code.TOO_LARGE
    assert ".amlignore" in refused.value.hint


def test_a_path_out_of_the_folder_is_refused(workspace: Workspace, by: Actor) -> None:
    with pytest.raises(Refused):
        snapshots.declare(workspace, by=by, files={"../a": {"sha256": "0" * 64, "size": 1}})


def test_a_run_has_one_snapshot(run: Run, workspace: Workspace, by: Actor) -> None:
    first, _ = snapshots.declare(workspace, by=by, files=manifest(a=b"one"))
    snapshots.fill(first, by=by, stream=packed(b"one"))
    snapshots.attach(run, first, by=by)
    snapshots.attach(run, first, by=by)
    assert Run.objects.get(pk=run.pk).properties["ContentSnapshotId"] == first.snapshot_id
    second, _ = snapshots.declare(workspace, by=by, files=manifest(b=b"one"))
    with pytest.raises(Refused):
        snapshots.attach(run, second, by=by)
