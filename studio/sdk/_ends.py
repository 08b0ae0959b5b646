"""The end of a run, kept on disk while the studio is away and told when it is back."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.sdk import _metrics
from studio.sdk._exceptions import ServiceException
from studio.sdk._kept import Kept
from studio.sdk._outbox import remove
from studio.sdk._spool import END, SessionFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio.sdk._transport import Transport


def keep(
    run_id: str, transport: Transport, how: str, body: Mapping[str, Any], outputs: Path | None
) -> Kept:
    """Keep that a run has ended now, and in which folder its outputs are."""
    file = SessionFile(
        run_id,
        transport,
        suffix=END,
        folder=None,
        kind="end",
        how=how,
        body={**body, "endTimeUtc": datetime.now(UTC).isoformat()},
        outputs=str(outputs.resolve()) if outputs else "",
    )
    file.close()
    return Kept(run_id, transport.url, file.path, is_end=True)


def deliver(folder: Path, transport: Transport) -> None:
    """Upload the outputs and tell the end that is kept in a run's folder, if there is one.

    Raises:
        ServiceException: the studio does not answer, or does not know the run.
    """
    for path in sorted(folder.glob(f"*{END}")):
        with path.open("rb") as file:
            told = json.loads(file.readline())
        if told["outputs"]:
            for problem in _metrics.upload_folder(transport, told["run"], Path(told["outputs"])):
                print(f"Run Studio: {problem}", file=sys.stderr)
        try:
            transport.run("POST", told["run"], told["how"], json=told["body"])
        except ServiceException as error:
            # It has ended in another way meanwhile; that stands.
            if error.code != "illegal_move":
                raise
        remove(path)
