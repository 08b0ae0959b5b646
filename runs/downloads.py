"""Bytes that came from outside, on their way to a browser: always a download, never a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from runs.actions.refused import Refused
from runs.queries import export
from runs.stores import blobs, logs
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runs.models import Attachment, LogFile, Run, Workspace
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


def image(run: Run, path: str) -> StreamingHttpResponse:
    """Return a file to be shown as an image; refuses any other kind, SVG above all."""
    ending = next((e for e in IMAGES if path.lower().endswith(e)), None)
    if ending is None:
        raise Refused(Code.NOT_FOUND, "This is no image that can be shown.")
    response = download(run, path)
    response["Content-Type"] = _IMAGE_TYPES[ending]
    response["Content-Disposition"] = "inline"
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
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
