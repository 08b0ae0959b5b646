"""Sending what is left on this machine: values that did not arrive, and runs that were offline."""

from __future__ import annotations

import json
import shutil
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.sdk import _config, _ends, _metrics, _offline_store, _snapshot, _spool
from studio.sdk._exceptions import ServiceException, StudioException, UserErrorException
from studio.sdk._logs import LogSender
from studio.sdk._offline_store import FILES, SNAPSHOT, Store
from studio.sdk._outbox import Outbox
from studio.sdk._transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENDS = {"Completed": "complete", "Failed": "fail", "Canceled": "canceled"}


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the data of one run: ``left`` rows and lines are still here, with the reason."""

    run_id: str
    folder: Path
    left: int = 0
    reason: str = ""


def sync(transport: Transport, experiment: str, *, moved: bool = False) -> Iterator[Sent]:
    """Deliver everything of this user; offline runs go to ``experiment``. Nothing is sent twice.

    What was logged to a studio at another address stays, unless ``moved`` says it is this one.

    Raises:
        ServiceException: the studio does not answer.
    """
    for folder in _folders(_config.config_dir() / "spool"):
        yield _drained(folder, transport, moved=moved)
    for folder in _folders(_offline_store.root()):
        try:
            store = Store.read(folder)
            if store.is_led():
                yield Sent(folder.name, folder, left=1, reason="Its script still runs.")
                continue
            import_run(store, transport, experiment)
        except StudioException as error:
            if isinstance(error, ServiceException) and error.is_unreachable:
                raise
            yield Sent(folder.name, folder, left=1, reason=str(error))
        else:
            shutil.rmtree(folder, ignore_errors=True)
            yield Sent(store.run_id, folder)


def import_run(
    store: Store, transport: Transport, experiment: str, parent: str | None = None
) -> None:
    """Make a run of an offline one, with its children. Doing it again adds what is new.

    Raises:
        UserErrorException: the studio does not take it, or another run has its id.
        ServiceException: the studio does not answer.
    """
    _made(store, transport, experiment, parent)
    for path in store.row_files():
        Outbox(path, transport).pump()
    _send_files(store, transport)
    for child in store.children():
        import_run(child, transport, experiment, store.run_id)
    _end(store, transport)


def _made(store: Store, transport: Transport, experiment: str, parent: str | None) -> None:
    record = store.record
    sid = None
    if record["snapshotId"]:
        sid = _snapshot.upload(store.folder / SNAPSHOT, transport)
    body = {
        "experimentName": experiment,
        "runId": store.run_id,
        "parentRunId": parent,
        "name": record["name"],
        "displayName": record["displayName"],
        "description": record["description"],
        "tags": record["tags"],
        "properties": {**record["properties"], "studio.imported": "offline run"},
        "start": True,
        "startTimeUtc": record["startTimeUtc"],
        "snapshotId": sid,
    }
    try:
        transport.api("POST", "runs", json={k: v for k, v in body.items() if v not in ("", None)})
    except ServiceException as error:
        if error.status == 409 and _is_there(store, transport):
            return
        if error.status in (400, 409):
            raise UserErrorException(f"{store.folder} cannot be imported: {error}") from None
        raise


def _is_there(store: Store, transport: Transport) -> bool:
    """Whether the run of that id is this one, from an import that did not come to its end."""
    try:
        told = transport.run("GET", store.run_id).json()
    except ServiceException as error:
        if error.is_unreachable:
            raise
        return False
    return bool(
        told["properties"].get("studio.imported")
        and told["startTimeUtc"] == store.record["startTimeUtc"]
    )


def _send_files(store: Store, transport: Transport) -> None:
    top = store.folder / FILES
    logs = {file["path"]: top / file["path"] for file in store.files() if file["kind"] == "log"}
    session = uuid.uuid5(uuid.NAMESPACE_URL, store.run_id).hex
    sender = LogSender(store.run_id, transport, session=session, logs=lambda: logs)
    sender.send()
    if left := [name for name in logs if sender.lines_left(name)]:
        raise UserErrorException(f"The studio does not take {', '.join(left)} of {store.folder}.")
    for file in store.files():
        if file["path"] not in logs:
            _metrics.upload(transport, store.run_id, file["path"], top / file["path"])


def _end(store: Store, transport: Transport) -> None:
    how = _ENDS.get(store.record["status"])
    body: dict[str, Any] = {"endTimeUtc": store.record["endTimeUtc"]}
    if how is None and store.is_led():
        return
    if how is None:
        how = "fail"
        message = "The script stopped without ending its run."
        body = {
            "endTimeUtc": store.last_written(),
            "error": {"code": "ScriptLost", "message": message},
        }
    elif how == "fail" and store.record["error"]:
        body["error"] = store.record["error"]["error"]
    try:
        transport.run("POST", store.run_id, how, json=body)
    except ServiceException as error:
        if error.code != "illegal_move":
            raise


def _drained(folder: Path, transport: Transport, *, moved: bool) -> Sent:
    header = _header(folder)
    logged_to = header.get("url") or transport.url
    if logged_to != transport.url and not moved:
        reason = f"It was logged to the studio at {logged_to}: sign in there, or say --moved."
        return Sent(folder.name, folder, left=1, reason=reason)
    there = Transport(
        transport.url, transport.token, header.get("workspace") or transport.workspace
    )
    left = _spool.drain(folder, there)
    if not left:
        _ends.deliver(folder, there)
    reason = "The studio does not take it: the run ended long ago, or is not there."
    return Sent(folder.name, folder, left, reason if left else "")


def _header(folder: Path) -> dict[str, Any]:
    for path in sorted(folder.iterdir()):
        if path.suffix in (_spool.ROWS, _spool.TEXT, _spool.END):
            try:
                with path.open("rb") as file:
                    told: dict[str, Any] = json.loads(file.readline())
            except (OSError, ValueError):
                continue
            return told
    return {}


def _folders(top: Path) -> list[Path]:
    return sorted(path for path in top.iterdir() if path.is_dir()) if top.is_dir() else []
