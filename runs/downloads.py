"""Bytes that came from outside, on their way to a browser: always a download, never a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from runs.actions.refused import Refused
from runs.models import LogFile
from runs.queries import export
from runs.stores import blobs, logs
from runs.zipping import zip_pieces
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runs.models import Attachment, Run, RunFile, Snapshot, Workspace
    from runs.models.run import RunQuerySet
    from runs.queries.columns import Column
    from runs.queries.order import Key

R = TypeVar("R", HttpResponse, StreamingHttpResponse)

_IMAGE_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
IMAGES = tuple(_IMAGE_TYPES)
_SOUND_TYPES = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
}
_SHOWN_TYPES = {**_IMAGE_TYPES, **_SOUND_TYPES, ".pdf": "application/pdf"}


def download(run: Run, path: str) -> StreamingHttpResponse:
    """Return a file or log of a run. Refuses a path that the run does not have."""
    file = run.files.filter(path=path).first()
    if file is not None:
        if not blobs.has(run.workspace_id, file.sha256):
            # Told now, while the answer can still be another one.
            raise FileNotFoundError(f"the contents of file {file.pk} are gone")
        return _safe(blobs.stream(run.workspace_id, file.sha256), path, file.size)
    log = run.logs.filter(path=path).first()
    if log is not None:
        return _safe(logs.stream(log), path, log.size)
    raise Refused(Code.NOT_FOUND, f'This run has no file "{path[:200]}".')


def shown(run: Run, path: str) -> StreamingHttpResponse:
    """Return a file to be seen or heard: an image, sound or PDF; refuses any other kind, SVG above all."""
    return _as_shown(download(run, path), path)


def _as_shown(response: StreamingHttpResponse, path: str) -> StreamingHttpResponse:
    ending = next((e for e in _SHOWN_TYPES if path.lower().endswith(e)), None)
    if ending is None:
        raise Refused(Code.NOT_FOUND, "This is nothing that can be shown.")
    response["Content-Type"] = _SHOWN_TYPES[ending]
    response["Content-Disposition"] = "inline"
    if ending == ".pdf":
        # A browser's own viewer shows it in a frame of our page, and stays in the sandbox there.
        response["Content-Security-Policy"] = _policy("'self'")
        response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def attached(attachment: Attachment, workspace_id: int) -> StreamingHttpResponse:
    """Return an attachment, as a download."""
    pieces = blobs.stream(workspace_id, attachment.sha256)
    return _safe(pieces, attachment.name, attachment.size)


def shown_attachment(attachment: Attachment, workspace_id: int) -> StreamingHttpResponse:
    """Return an attachment: a picture to be shown, anything else as a download."""
    response = attached(attachment, workspace_id)
    ending = next((e for e in IMAGES if attachment.name.endswith(e)), None)
    if ending is not None:
        response["Content-Type"] = _IMAGE_TYPES[ending]
        response["Content-Disposition"] = "inline"
    return response


def exported(
    runs: RunQuerySet,
    shown: list[Column],
    by: tuple[Key, ...],
    workspace: Workspace,
    format: str,
) -> StreamingHttpResponse:
    """Return all of ``runs`` as a file, written while it is read; refuses a format that it cannot be."""
    to = export.format_of(format)
    pieces = to.write(shown, export.pages(runs, shown, by, workspace))
    response = StreamingHttpResponse(pieces, content_type=to.content_type)
    name = f"{workspace.name}-runs-{timezone.now():%Y-%m-%d}.{to.ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def archive(run: Run, folder: str) -> StreamingHttpResponse:
    """Return all files and logs of a run, or those in a folder, as a zip that is made while it is sent.

    Refuses a folder that the run does not have.
    """
    prefix = f"{folder}/" if folder else ""
    files = run.files.filter(path__startswith=prefix).order_by("path")
    grown = run.logs.filter(path__startswith=prefix).order_by("path")
    # SQLite takes upper and lower case for one here.
    both: list[RunFile | LogFile] = [*grown, *files]
    inside = [file for file in both if file.path.startswith(prefix)]
    if not inside:
        raise Refused(Code.NOT_FOUND, f'This run has no files in "{folder[:200]}".')
    pieces = zip_pieces((file.path, False, _bytes_of(run, file)) for file in inside)
    name = f"{run.run_id}-{folder.replace('/', '-')}.zip" if folder else f"{run.run_id}.zip"
    response = _harmless(StreamingHttpResponse(pieces), name)
    response["Content-Type"] = "application/zip"
    return response


def _bytes_of(run: Run, file: RunFile | LogFile) -> Iterator[bytes]:
    if isinstance(file, LogFile):
        return logs.stream(file)
    return _kept(run.workspace_id, file.sha256)


def _kept(workspace_id: int, sha256: str) -> Iterator[bytes]:
    if not blobs.has(workspace_id, sha256):
        # The others are whole; a zip that breaks off would lose them too.
        return iter([b"The bytes of this file are gone from the studio's storage.\n"])
    return blobs.stream(workspace_id, sha256)


def source(snapshot: Snapshot, folder: str = "") -> StreamingHttpResponse:
    """Return the files of a snapshot, or those in a folder, as a zip that is made while it is sent.

    Refuses a folder that the snapshot does not have.
    """
    place, prefix = snapshot.workspace_id, f"{folder}/" if folder else ""
    inside = [(path, of) for path, of in snapshot.manifest.items() if path.startswith(prefix)]
    if folder and not inside:
        raise Refused(Code.NOT_FOUND, f'This source has no files in "{folder[:200]}".')
    pieces = zip_pieces((path, of["executable"], _kept(place, of["sha256"])) for path, of in inside)
    name = snapshot.snapshot_id[:16] + "-".join(["", *filter(None, folder.split("/"))])
    response = _harmless(StreamingHttpResponse(pieces), f"{name}.zip")
    response["Content-Type"] = "application/zip"
    return response


def source_file(snapshot: Snapshot, path: str, *, show: bool = False) -> StreamingHttpResponse:
    """Return a file of a snapshot: to be shown if it is an image or a sound, else as a download."""
    entry = snapshot.manifest.get(path)
    if entry is None or not blobs.has(snapshot.workspace_id, entry["sha256"]):
        raise Refused(Code.NOT_FOUND, f'This source has no file "{path[:200]}", or lost it.')
    pieces = blobs.stream(snapshot.workspace_id, entry["sha256"])
    return (
        _as_shown(_safe(pieces, path, entry["size"]), path)
        if show
        else _safe(pieces, path, entry["size"])
    )


def log_download(log: LogFile, data: bytes) -> HttpResponse:
    """Return a piece of a log."""
    return _harmless(HttpResponse(data), log.path)


def _safe(pieces: Iterator[bytes], path: str, size: int) -> StreamingHttpResponse:
    response = _harmless(StreamingHttpResponse(pieces), path)
    response["Content-Length"] = str(size)
    return response


def _harmless(response: R, path: str) -> R:
    # Whatever a browser thinks of these bytes, it neither guesses a type nor runs anything in them.
    response["Content-Type"] = "application/octet-stream"
    name = path.rsplit("/", 1)[-1]
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _policy("'none'")
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _policy(framed_by: str) -> str:
    return f"default-src 'none'; sandbox; frame-ancestors {framed_by}"
