"""A run that does not want to end: it and its grandchildren ignore SIGTERM, one leaves the group.

Cancel it: the run page shows SIGTERM, the grace, SIGKILL, and that no process is left.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time

IGNORE = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
SLEEP = "time.sleep({seconds})"


def start_tree(seconds: float) -> None:
    """Start a child with a deaf grandchild, and a deaf grandchild in a session of its own."""
    deaf = IGNORE + SLEEP.format(seconds=seconds)
    parent_of_deaf = (
        f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {deaf!r}]); "
        + SLEEP.format(seconds=seconds)
    )
    subprocess.Popen([sys.executable, "-c", parent_of_deaf])  # noqa: S603
    if os.fork() == 0:
        os.setsid()
        # The child that called setsid ends at once, so the grandchild has no parent in the run.
        subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True)  # noqa: S603
        os._exit(0)
    os.wait()


def main() -> None:
    """Start the tree and count, whatever anybody says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: print("SIGTERM: heard, and not obeyed", flush=True))
    start_tree(asked.seconds)
    end = time.monotonic() + asked.seconds
    number = 0
    while time.monotonic() < end:
        number += 1
        print(f"{number}: still here", flush=True)
        time.sleep(0.5)


if __name__ == "__main__":
    main()
