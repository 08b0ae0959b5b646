"""Runs whose runner has died: what is left is ended and delivered, and the run closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.contract.words import Status, Step
from studio.runner import _processes
from studio.runner._courier import Courier
from studio.runner._folder import RunFolder
from studio.sdk._exceptions import ServiceException

if TYPE_CHECKING:
    from pathlib import Path

    from studio.compute.backend import Backend
    from studio.contract.launch import LaunchSpec


def close(path: Path, backend: Backend) -> None:
    """Close the run of a folder whose runner is lost.

    Raises:
        ServiceException: the studio does not answer; to be tried again.
    """
    folder = RunFolder(path)
    spec = folder.read_spec()
    ended = backend.cancel(path)
    courier = Courier(spec, folder)
    if ended:
        message = (
            f"The runner was gone; {ended} process{'' if ended == 1 else 'es'} of the run ended."
        )
        courier.reports.add(
            "steps", {"step": Step.LATE_PROOF.value, "message": message, "data": {"count": ended}}
        )
    courier.deliver()
    courier.send_logs()
    if not courier.reports.has_final() and not courier.gone.is_set():
        courier.reports.add(*_last_report(folder, spec))
    courier.deliver()
    courier.send_outputs()
    courier.deliver()
    folder.write_status(finished=True)


def _last_report(folder: RunFolder, spec: LaunchSpec) -> tuple[str, dict[str, object]]:
    try:
        status = folder.transport(spec).run("GET", spec.run_id).json()["status"]
    except ServiceException as error:
        if error.is_unreachable:
            raise
        status = ""
    if status == Status.CANCEL_REQUESTED:
        return "canceled", {"reason": "The runner was gone; no process of the run is left."}
    return "fail", {"error": {"code": "RunnerLost", "message": _reason(folder)}}


def _reason(folder: RunFolder) -> str:
    told = folder.read_status()
    if told.get("boot_id") not in (None, "", _processes.boot_id()):
        return "The machine was restarted while the run was in progress."
    return "The runner was killed; nobody was left to watch the script, so it was ended too."
