"""Scripts that print, and runs that have printed."""

from __future__ import annotations

from typing import Any

TARGET = "studio-local"
LONG = (
    "import time\nfor n in range(600):\n    print(f'line {n}', flush=True)\n    time.sleep(0.1)\n"
)


def print_to(run: Any, data: bytes, sent: int = 0) -> None:
    """Let a run print so much more, after so many bytes."""
    run._transport.run_file(
        "POST", run.id, "logs", "user_logs/std_log.txt", body=data,
        query={"session": "s", "sequence": sent},
    )  # fmt: skip
