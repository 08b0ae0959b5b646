"""The studio's first process: starts web server and agent, looks after them, stops them.

``python -m runs.management.supervisor HANDLE``; ``up`` and ``demo`` become this. No Django here: it
only waits, and should cost no more memory than waiting needs.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from runs.management.address import Address
from runs.management.children import Child, start, stop_all
from runs.management.plan import Plan
from runs.management.refusal import StartError
from runs.management.stopping import StopAsked

if TYPE_CHECKING:
    import subprocess

_LOOK_SECONDS = 0.2
_LOOK_WHILE_STARTING_SECONDS = 0.05
_READY_SECONDS = 60.0
_FALLS_BEFORE_READY = 3


class Supervisor:
    """Carries out a plan until somebody asks to stop."""

    def __init__(self, plan: Plan, stop: StopAsked) -> None:
        self._plan = plan
        self._stop = stop
        self._web = Child(plan.web, plan.place)
        self._children = [self._web, *(Child(other, plan.place) for other in plan.others)]
        self._errand: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Start everything, greet once the web server answers, watch, stop.

        Raises:
            StartError: the web server does not answer.
        """
        try:
            for child in self._children:
                child.start()
            if self._wait_until_ready():
                say(self._plan.greeting)
                if self._plan.errand is not None:
                    self._errand = start(self._plan.errand, self._plan.place)
            while not self._stop.wait(_LOOK_SECONDS):
                self._look_after_children()
                self._look_after_errand()
        finally:
            if self._errand is not None:
                self._errand.terminate()
            stop_all(self._children)

    def _wait_until_ready(self) -> bool:
        """Return whether it is ready; False when a stop was asked before."""
        address = Address(self._plan.host, self._plan.port)
        until = time.monotonic() + _READY_SECONDS
        while not address.is_healthy():
            if self._stop.wait(_LOOK_WHILE_STARTING_SECONDS):
                return False
            self._look_after_children()
            if self._web.falls >= _FALLS_BEFORE_READY or time.monotonic() > until:
                raise StartError("The web server does not start: see its own words above.")
        return True

    def _look_after_children(self) -> None:
        for child in self._children:
            sentence = child.look_after()
            if sentence:
                say(sentence)

    def _look_after_errand(self) -> None:
        code = None if self._errand is None else self._errand.poll()
        if code is None:
            return
        self._errand = None
        if code == 0:
            Path(self._plan.errand_done).touch()
        else:
            say("Not all examples could be submitted; the next start tries again.")


def say(text: str) -> None:
    """Print at once, also into a file or a pipe."""
    print(text, flush=True)


def main(handle: int) -> None:
    """Carry out the plan in that open file."""
    stop = StopAsked()
    try:
        Supervisor(Plan.taken_over(handle), stop).run()
    except StartError as reason:
        sys.exit(str(reason))
    say("Stopped. Runs in progress go on; the next start picks them up.")


if __name__ == "__main__":
    main(int(sys.argv[1]))
