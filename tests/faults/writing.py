"""Writers as processes of their own, and the check of the studio against their ledgers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.acceptance.studio_process import TOKEN, StudioProcess, wait_for

BLOCK_LOG, EXTRA_LOG = "logs/user_log.txt", "logs/extra.txt"

# A call of ``log`` that waited for the studio would take longer than that, on a busy machine too.
WAITED_SECONDS = 1.0


class Writer:
    """One process that logs, in a folder of its own."""

    def __init__(self, folder: Path, url: str, *, script: Path | None = None) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.config = folder / "config"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("STUDIO_")}
        environment |= {
            "STUDIO_URL": url,
            "STUDIO_TOKEN": TOKEN,
            "STUDIO_CONFIG_DIR": str(self.config),
        }
        with (folder / "stdout").open("wb") as output, (folder / "stderr").open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, script or Path(__file__).with_name("writer.py"), "0.01"],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )

    @property
    def run_id(self) -> str:
        return (self.folder / "run-id").read_text()

    @property
    def spool(self) -> Path:
        return self.config / "spool" / self.run_id

    @property
    def complaints(self) -> str:
        return (self.folder / "stderr").read_text()

    def wait_for_numbers(self, count: int) -> None:
        def look() -> bool:
            assert self.process.poll() is None, self.complaints
            return len(self.ledger()) >= count

        wait_for(look, seconds=30, what=f"{count} numbers in {self.folder}")

    def ledger(self) -> list[int]:
        path = self.folder / "ledger"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    def longest_call(self) -> float:
        """Return how long the slowest call of ``log`` took, in seconds."""
        return float((self.folder / "longest").read_text())

    def stop(self) -> None:
        """Have it end by itself."""
        (self.folder / "stop").touch()
        assert self.process.wait(timeout=40) == 0, self.complaints

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def stored(studio: StudioProcess, run_id: str) -> list[tuple[int, int]]:
    """Return value and step of each point that the studio has, in its order."""
    items = studio.api("GET", f"/workspaces/main/runs/{run_id}/metrics?name=loss")["items"]
    return [(point["value"], point["step"]) for item in items for point in item["points"]]


def check(studio: StudioProcess, writer: Writer) -> None:
    """Assert that the studio has what the ledger has: nothing is missing, nothing is twice."""
    numbers = writer.ledger()
    assert numbers == list(range(len(numbers)))
    assert stored(studio, writer.run_id) == [(n, n) for n in numbers]
    assert studio.log(writer.run_id, BLOCK_LOG).splitlines() == [f"line {n}" for n in numbers]
    assert studio.log(writer.run_id, EXTRA_LOG).splitlines() == [f"extra {n}" for n in numbers]
    assert not writer.spool.exists()
