"""Snapshots: declare, fill with contents, give to a run, download."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

from ninja import Router
from pydantic import Field

from runs import access, downloads
from runs.access import Right
from runs.actions import snapshots
from runs.actions.refused import Refused
from runs.api import bodies
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Body
from runs.api.describing import ZIP, answers
from runs.api.v1.runs import PLACE
from runs.documents import run_document
from runs.models import Snapshot
from runs.stores import blobs
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from django.http import StreamingHttpResponse

    from runs.models import Workspace

router = Router()
_MANIFEST_BYTES = 16 * 1024 * 1024
_ZIP_BYTES = limits.SNAPSHOT_BYTES + 32 * 1024 * 1024


class FileBody(Body):
    """One file of a source directory."""

    sha256: str
    size: int = Field(ge=0, le=limits.SNAPSHOT_BYTES * 4)
    executable: bool = False


class ManifestBody(Body):
    """Files by path."""

    files: dict[str, FileBody]


class SnapshotBody(Body):
    """Which snapshot."""

    snapshot_id: str


@router.post(
    "/workspaces/{ws}/snapshots",
    auth=Needs(Right.START),
    openapi_extra=answers(
        {"snapshotId": "string", "complete": "boolean", "missing": "string[]"}, takes=ManifestBody
    ),
)
def declare(request: ApiRequest, ws: str) -> dict[str, Any]:
    """Say which files a snapshot has; the answer names the contents that are missing here."""
    workspace = request.auth.workspace(ws)
    body = bodies.read_model(request, ManifestBody, _MANIFEST_BYTES)
    files = {path: file.model_dump() for path, file in body.files.items()}
    snapshot, missing = snapshots.declare(workspace, by=request.auth.actor, files=files)
    told = {"snapshotId": snapshot.snapshot_id, "complete": snapshot.complete}
    return {**told, "missing": missing}


@router.put(
    "/workspaces/{ws}/snapshots/{sid}/content",
    auth=Needs(Right.START),
    openapi_extra=answers({"snapshotId": "string", "complete": "boolean"}, takes=ZIP),
)
def fill(request: ApiRequest, ws: str, sid: str) -> dict[str, Any]:
    """Take missing contents: a zip whose entries are named by their sha256."""
    snapshot = _snapshot(request.auth.workspace(ws), sid)
    with tempfile.TemporaryFile() as draft:
        bodies.copy(bodies.WholeBody(request, _ZIP_BYTES), draft)
        draft.seek(0)
        snapshots.fill(snapshot, by=request.auth.actor, stream=draft)
    return {"snapshotId": snapshot.snapshot_id, "complete": snapshot.complete}


@router.get("/workspaces/{ws}/snapshots/{sid}", auth=Needs(Right.VIEW), openapi_extra=answers(ZIP))
def get_snapshot(request: ApiRequest, ws: str, sid: str) -> StreamingHttpResponse:
    """Return the files of a snapshot as a zip."""
    workspace = request.auth.workspace(ws)
    snapshot = _snapshot(workspace, sid)
    actor = request.auth.actor
    # A narrowed token sees the source of the runs that it reaches, not everybody's.
    if actor.scope() is not None and not _is_of(snapshot, access.runs_of(actor, workspace)):
        raise access.not_found("snapshot", sid)
    return _zipped(snapshot)


@router.put(PLACE + "/{run_id}/snapshot", auth=Needs(Right.EDIT), openapi_extra=answers("Run"))
def attach(request: ApiRequest, ws: str, run_id: str, body: SnapshotBody) -> dict[str, Any]:
    """Give a run its snapshot, once."""
    run = request.auth.run(ws, run_id)
    snapshots.attach(run, _snapshot(run.workspace, body.snapshot_id), by=request.auth.actor)
    return run_document(request.auth.run(ws, run_id))


@router.get(PLACE + "/{run_id}/snapshot", auth=Needs(Right.VIEW), openapi_extra=answers(ZIP))
def get_run_snapshot(request: ApiRequest, ws: str, run_id: str) -> StreamingHttpResponse:
    """Return the files of a run's snapshot as a zip."""
    run = request.auth.run(ws, run_id)
    if run.snapshot is None:
        raise Refused(Code.NOT_FOUND, "This run has no snapshot.")
    return _zipped(run.snapshot)


def _is_of(snapshot: Snapshot, runs: Any) -> bool:
    return bool(runs.filter(snapshot=snapshot).exists())


def _snapshot(workspace: Workspace, sid: str) -> Snapshot:
    snapshot = Snapshot.objects.inside(workspace).filter(snapshot_id=sid).first()
    if snapshot is None:
        raise access.not_found("snapshot", sid)
    return snapshot


def _zipped(snapshot: Snapshot) -> StreamingHttpResponse:
    if not snapshot.complete:
        raise Refused(Code.CONFLICT, "This snapshot is not complete yet.")
    place = snapshot.workspace_id
    if not all(blobs.has(place, entry["sha256"]) for entry in snapshot.manifest.values()):
        # Told now, while the answer can still be another one.
        raise FileNotFoundError(f"contents of snapshot {snapshot.snapshot_id} are gone")
    return downloads.source(snapshot)
