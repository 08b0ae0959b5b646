"""A training of the fault tests: logs and prints numbers, and notes in ./ledger what it did."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from studio.sdk import Experiment, Workspace


def main(pause: float) -> None:
    experiment = Experiment(Workspace.get("main"), "faults")
    ledger = os.open("ledger", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with experiment.start_logging(snapshot_directory=None, outputs=False) as run:
        Path("run-id").write_text(run.id)
        number = 0
        longest = 0.0
        while not Path("stop").exists():
            start = time.perf_counter()
            run.log("loss", number, step=number)
            longest = max(longest, time.perf_counter() - start)
            print(f"line {number}")
            with Path("logs/extra.txt").open("a") as extra:
                extra.write(f"extra {number}\n")
            # Only now: what the ledger has, the studio must get.
            os.write(ledger, b"%d\n" % number)
            number += 1
            time.sleep(pause)
        Path("longest").write_text(str(longest))


if __name__ == "__main__":
    main(float(sys.argv[1]))
