"""From the command, which needs Django, to the supervisor, which does not: one process all the same."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import asdict
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from runs.management.plan import Plan


def become_supervisor(plan: Plan) -> NoReturn:
    """Carry out the plan; this process goes on as another program, with little in its memory."""
    handle = write(plan)
    for inherited in (handle, plan.lock):
        os.set_inheritable(inherited, True)
    sys.stdout.flush()
    os.chdir(plan.folder)
    command = [sys.executable, "-m", "runs.management.supervisor", str(handle)]
    os.execv(sys.executable, command)  # noqa: S606  (ourselves)


def write(plan: Plan) -> int:
    """Return an open file that holds the plan; it has no name, as the plan holds secrets."""
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps(asdict(plan)).encode())
        file.flush()
        return os.dup(file.fileno())
