"""How long Cancel takes on a tree of five processes that ignore SIGTERM, beside its grace.

Submits the tree to the studio's own target, cancels it over the REST API and waits until the run
says Canceled, which it says only when no process is left.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from studio.sdk import Experiment, ScriptRunConfig, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess, processes_of, wait_for
from tests.acceptance.test_cancel import STUBBORN

GRACE_SECONDS = 3.0


def main() -> None:
    """Print the median and the longest of the times, in seconds and as a ratio to the grace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.mkdir()
        (source / "stubborn.py").write_text(STUBBORN)
        studio = StudioProcess(Path(folder, "var"))
        studio.start()
        os.environ |= {
            "STUDIO_URL": studio.url,
            "STUDIO_TOKEN": TOKEN,
            "STUDIO_CONFIG_DIR": str(Path(folder, "config")),
        }
        try:
            found = [_seconds(studio, source) for _ in range(times)]
        finally:
            studio.stop()
    for name, seconds in ("median", statistics.median(found)), ("longest", max(found)):
        print(f"{name:8} {seconds:6.2f} s   {seconds / GRACE_SECONDS:.2f} of the grace")


def _seconds(studio: StudioProcess, source: Path) -> float:
    config = ScriptRunConfig(
        source, script="stubborn.py", compute_target="studio-local", grace_seconds=GRACE_SECONDS
    )
    run = Experiment(Workspace.get("main"), "cancel").submit(config)
    wait_for(lambda: "ready" in studio.log(run.id), seconds=60, what="the tree")
    began = time.monotonic()
    run.cancel()
    studio.wait_for_status(run.id, "Canceled")
    seconds = time.monotonic() - began
    assert processes_of(run.id) == {}
    return seconds


if __name__ == "__main__":
    main()
