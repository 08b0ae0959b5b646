"""Files that people add to a description: pictures above all, stored by content."""

from __future__ import annotations

import io
import re
import unicodedata
from typing import TYPE_CHECKING

from django.db import transaction

from runs.actions.refused import Refused
from runs.actions.text import UNSTORABLE
from runs.models import Attachment, Run
from runs.stores import blobs
from studio.contract import limits, places
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.access import Actor

# How the bytes of a picture begin. SVG is none: it is a program as well.
_BEGINNINGS = {
    ".png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    ".jpg": re.compile(rb"\xff\xd8\xff"),
    ".jpeg": re.compile(rb"\xff\xd8\xff"),
    ".gif": re.compile(rb"GIF8[79]a"),
    ".webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}
_OTHERS = (".pdf", ".txt", ".log", ".md", ".csv", ".tsv", ".json", ".yaml", ".yml", ".zip")
ENDINGS = (*_BEGINNINGS, *_OTHERS)
_PIECE = 256 * 1024
_ELSEWHERE = "Upload it among the run's files, and link to it by its path."
_NOT_IN_A_NAME = re.compile(r"[^\w.+ -]")


def put(run: Run, *, by: Actor, name: str, stream: blobs.Reads) -> tuple[Attachment, bool]:
    """Store a file beside a run's description; returns it and whether it is new.

    The same bytes again are the attachment that is there; other bytes get a name of their own.

    Raises:
        Refused: an ending that is not taken, a picture that is none, too many or too large.
    """
    stem, ending = _parted(name)
    if run.attachments.count() >= limits.ATTACHMENTS_PER_RUN:
        reason = f"This run has {limits.ATTACHMENTS_PER_RUN} attachments, the most there can be."
        raise Refused(Code.CONFLICT, reason, field="file", hint=_ELSEWHERE)
    data = _whole(stream)
    beginning = _BEGINNINGS.get(ending)
    if beginning is not None and not beginning.match(data):
        reason = f"The file is called {ending}, but its bytes are no such picture."
        raise Refused(Code.BAD_REQUEST, reason, field="file")
    digest, size = blobs.put(run.workspace_id, io.BytesIO(data))
    with transaction.atomic():
        Run.objects.select_for_update(no_key=True).get(pk=run.pk)
        known = run.attachments.filter(sha256=digest, name__endswith=ending).first()
        if known is not None:
            return known, False
        taken = set(run.attachments.values_list("name", flat=True))
        marks = ("", *(f"-{n}" for n in range(2, len(taken) + 3)))
        name = next(free for m in marks if (free := f"{stem}{m}{ending}") not in taken)
        made = Attachment.objects.create(
            run=run, name=name, sha256=digest, size=size, created_by=by.user
        )
    return made, True


def markdown(attachment: Attachment) -> str:
    """Return what to write into the description so that it shows the attachment."""
    sign = "!" if attachment.name.endswith(tuple(_BEGINNINGS)) else ""
    said = re.sub(r"([\\*\[\]])", r"\\\1", attachment.name)
    return f"{sign}[{said}]({places.ATTACHMENTS}/{places.path(attachment.name)})"


def _parted(name: str) -> tuple[str, str]:
    """Return a name, fit for an address and a line of Markdown, and its ending."""
    plain = unicodedata.normalize("NFC", UNSTORABLE.sub("", name)).replace("\\", "/")
    stem, dot, end = plain.rsplit("/", 1)[-1].rpartition(".")
    ending = f"{dot}{end}".lower()
    if ending not in ENDINGS:
        known = ", ".join(ENDINGS)
        reason = f'"{name[:100]}" is no kind of file that can be attached.'
        raise Refused(Code.BAD_REQUEST, reason, field="name", hint=f"Taken are {known}.")
    stem = _NOT_IN_A_NAME.sub("-", stem).strip(" .-")[: limits.ATTACHMENT_NAME - 20]
    return stem or "file", ending


def _whole(stream: blobs.Reads) -> bytes:
    data = bytearray()
    while piece := stream.read(_PIECE):
        data += piece
        if len(data) > limits.ATTACHMENT_BYTES:
            reason = f"The file has more than {limits.ATTACHMENT_BYTES // 1024**2} MB."
            raise Refused(Code.TOO_LARGE, reason, field="file", hint=_ELSEWHERE)
    if not data:
        raise Refused(Code.BAD_REQUEST, "The file is empty.", field="file")
    return bytes(data)
