"""Reading a run back, and the files that go with it."""

from __future__ import annotations

import hashlib
import io
import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from studio.contract import places
from studio.contract.words import MetricKind
from studio.sdk import _spool
from studio.sdk._exceptions import ServiceException, StudioException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from studio.sdk._transport import Transport

_SEND_SECONDS = 300.0
_PIECE = 256 * 1024


def read(
    transport: Transport, run_id: str, name: str | None, *, populate: bool = False
) -> dict[str, Any]:
    """Return values by metric, as ``value_of`` has them; those of the machine only by name.

    With ``populate`` an image or chart is the bytes of its file, not its address.
    """

    def content(path: str) -> bytes:
        return transport.run_file("GET", run_id, "files", path).data

    stored = content if populate else partial(address, run_id)
    asked = {"name": name} if name else {"system": False}
    items = transport.run("GET", run_id, "metrics", query=asked).json()["items"]
    return {item["name"]: value_of(item["kind"], item["points"], stored) for item in items}


def address(run_id: str, path: str) -> str:
    """Return the address of a run's file, as a metric that is a file has it."""
    return f"aml://artifactId/ExperimentRun/dcid.{run_id}/{path}"


def value_of(
    kind: str, points: Sequence[Mapping[str, Any]], stored: Callable[[str], str | bytes]
) -> Any:
    """Return what was logged: a single value as it is, several as a list in the order of logging.

    A table of one row is a dict of values, one of several rows a dict of lists; for a metric that is
    a file, what ``stored`` says of its path.
    """
    values = [_value(point) for point in points]
    if kind == MetricKind.TABLE:
        values = [{c: _cell(cell) for c, cell in row.items()} for row in values]
        if len(values) > 1:
            columns = dict.fromkeys(column for row in values for column in row)
            return {column: [row.get(column) for row in values] for column in columns}
    elif kind not in (MetricKind.SCALAR, MetricKind.LIST):
        values = [stored(path) for path in values]
    return values[0] if len(values) == 1 else values


def details(run: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the details of a run under the keys of Azure's ``get_details``."""
    told: dict[str, Any] = {
        "runId": run["runId"],
        "target": run["target"],
        "status": run["status"],
        "startTimeUtc": run["startTimeUtc"],
        "endTimeUtc": run["endTimeUtc"],
        "services": {},
        "error": run["error"],
        "warnings": run["warnings"],
        "properties": run["properties"],
        "inputDatasets": [],
        "outputDatasets": [],
        "runDefinition": run["runDefinition"],
        "logFiles": {file["path"]: file["url"] for file in files if file["kind"] == "log"},
        "submittedBy": run["createdBy"]["userName"],
    }
    # These are absent, not empty, until there is something to say.
    absent = ("startTimeUtc", "endTimeUtc", "error", "warnings", "runDefinition")
    return {key: value for key, value in told.items() if value or key not in absent}


def upload(
    transport: Transport, run_id: str, name: str, source: str | os.PathLike[str] | BinaryIO
) -> None:
    """Store a file of a run."""
    try:
        if hasattr(source, "read"):
            _put(transport, run_id, name, io.BytesIO(source.read()))
        elif isinstance(source, str | os.PathLike):
            with Path(source).open("rb") as stream:
                _put(transport, run_id, name, stream)
        else:
            given = type(source).__name__
            raise UserErrorException(f'File "{name}": give a path or a binary stream, not {given}.')
    except ServiceException as error:
        if error.status in (400, 409):
            raise UserErrorException(str(error)) from None
        raise
    except OSError as error:
        raise UserErrorException(f"The file {source} cannot be read: {error}") from None


def upload_folder(transport: Transport, run_id: str, folder: Path) -> Iterator[str]:
    """Store the files of an outputs folder; yields a sentence for each that could not be stored."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = f"{places.OUTPUTS}/{path.relative_to(folder).as_posix()}"
            try:
                upload(transport, run_id, name, path)
            except StudioException as error:
                yield f"{path} was not uploaded: {error}"


def keep_error(run_id: str, error: Mapping[str, Any]) -> None:
    """Leave an error where the runner of this script finds it."""
    folder = _spool.folder_for(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "error.new"
    draft.write_text(json.dumps(error))
    draft.replace(folder / "error.json")


def _put(transport: Transport, run_id: str, name: str, stream: BinaryIO) -> None:
    digest = hashlib.sha256()
    while piece := stream.read(_PIECE):
        digest.update(piece)
    size = stream.tell()
    stream.seek(0)
    headers = {"Content-Length": str(size), "X-Content-Sha256": digest.hexdigest()}
    transport.run_file(
        "PUT", run_id, "files", name, body=stream, headers=headers, timeout=_SEND_SECONDS
    )


def _cell(cell: Any) -> Any:
    return float(cell["valueText"]) if isinstance(cell, dict) else cell


def _value(point: Mapping[str, Any]) -> Any:
    return float(point["valueText"]) if point.get("valueText") else point["value"]
