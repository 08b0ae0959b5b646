"""Their artifacts: the files of a run, under the address that clients make of its ``artifact_uri``.

``mlflow-artifacts:/<experiment>/<run>/artifacts/<path>`` is the file of that path; there is no other place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from django.http import HttpResponse

from runs import access
from runs.actions import files
from runs.actions.bulk_rules import NOT_YOURS
from runs.actions.refused import Refused
from runs.api import bodies
from runs.api.mlflow import documents, runs
from runs.api.mlflow.errors import ErrorCode, Fault, not_there
from runs.api.mlflow.messages import Message, RunId
from runs.downloads import download
from runs.queries.files import inside
from runs.rights import may_delete
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from runs.api.mlflow.door import Call
    from runs.models import Run
    from runs.stores.blobs import Reads

_PLACE = re.compile(
    r"(?P<experiment>[0-9]{1,9})/(?P<run>[^/]+)/artifacts(?:/(?P<path>.+))?", re.DOTALL
)
_DRIVE = re.compile(r"[A-Za-z]:")
# So often may a path be written in percents; each time costs its whole length.
_MOST_WRITTEN = 8
_ONE_PART = "Multipart upload is not supported for the current artifact repository"


class Folder(Message):
    """A folder of the store; without one, its root."""

    path: str = ""


class FolderOfRun(Folder):
    """A folder of a run."""

    run_id: RunId


def put(call: Call) -> HttpResponse:
    """Store a file of a run; what has its path is replaced."""
    run, path = _meant(call, call.parts["path"])
    if documents.is_deleted(run):
        raise runs.gone(run)
    if not path or path.endswith("/"):
        raise _invalid("it names no file.")
    files.put(run, by=call.actor, path=path, stream=_stream(call), overwrite=True)
    return HttpResponse()


def get(call: Call) -> HttpResponseBase:
    """Return the bytes of a file, as a download."""
    run, path = _meant(call, call.parts["path"])
    try:
        return download(run, path)
    except Refused as refused:
        if refused.code is not Code.NOT_FOUND:
            raise
        if inside(run, path):
            raise _invalid("it is a directory.") from None
        raise _nothing(path) from None


def listed(call: Call) -> dict[str, Any]:
    """List a folder, by the names in it; one that is not there has nothing in it."""
    try:
        run, path = _meant(call, call.read(Folder).path.rstrip("/"))
    except Fault as fault:
        if fault.code is not ErrorCode.RESOURCE_DOES_NOT_EXIST:
            raise
        return {}
    return {"files": _files(run, path, "")}


def listed_of_run(call: Call) -> dict[str, Any]:
    """List a folder of a run, by paths from its root."""
    asked = call.read(FolderOfRun)
    _check_safe(asked.path)
    run, path = runs.find(call, asked.run_id), asked.path.strip("/")
    below = f"{path}/" if path else ""
    root = documents.run_info(run)["artifact_uri"]
    return {"root_uri": root, "files": _files(run, path, below)}


def delete(call: Call) -> dict[str, Any]:
    """Remove a file or a folder of a run; what is not there is no error."""
    run, path = _meant(call, call.parts["path"])
    rights = access.rights_in(call.actor, call.workspace)
    if not may_delete(rights, is_own=call.actor.has_submitted(run)):
        raise Fault(NOT_YOURS, ErrorCode.PERMISSION_DENIED)
    files.remove(run, by=call.actor, path=path.rstrip("/"))
    return {}


def in_one_part(call: Call) -> dict[str, Any]:
    """Say that files come whole: clients then send them so."""
    raise Fault(_ONE_PART, ErrorCode.NOT_IMPLEMENTED)


def _meant(call: Call, text: str) -> tuple[Run, str]:
    """Return the run and the path in it that an address of the store means."""
    _check_safe(text)
    place = _PLACE.fullmatch(text)
    if place is None:
        raise not_there("Files lie in EXPERIMENT/RUN/artifacts/ here, and nowhere else.")
    run = runs.find(call, place["run"])
    if str(run.experiment.number) != place["experiment"]:
        raise _nothing(text)
    return run, place["path"] or ""


def _stream(call: Call) -> Reads:
    """Return what is uploaded; clients never say how long an empty file is."""
    if bodies.is_unmeasured(call.request):
        return bodies.UnmeasuredBody(call.request)
    return bodies.WholeBody(call.request, limits.FILE_BYTES)


def _check_safe(text: str) -> None:
    """Refuse a path that could lead elsewhere, however often it is written in percents."""
    plain = text
    for _ in range(_MOST_WRITTEN):
        plain = unquote(plain)
    if unquote(plain) != plain:
        raise Fault("Invalid path")
    parts = plain.split("/")
    leads_out = ".." in parts or plain.startswith(("/", "file:")) or bool(_DRIVE.match(plain))
    if leads_out or "#" in plain or "\0" in plain or "\\" in plain:
        raise Fault("Invalid path")


def _files(run: Run, folder: str, below: str) -> list[dict[str, Any]]:
    return [
        {"path": f"{below}{name}", "is_dir": size is None, "file_size": size or None}
        for name, size in inside(run, folder).items()
    ]


def _invalid(reason: str) -> Fault:
    return Fault(f"Invalid path: {reason}")


def _nothing(path: str) -> Fault:
    return not_there(f"No such artifact: '{path[:300]}'")
