"""A child that ends with its parent, even when the parent is killed with -9."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
# Loaded here: after a fork only what is already in memory is safe to use.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Ask the system to send this process a signal when ``parent`` ends; Linux only.

    The system watches the thread that started the child: start children from the main thread.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        # It ended before we asked.
        os.kill(os.getpid(), number)
