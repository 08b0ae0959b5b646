"""Train for minutes: the one to cancel. At SIGTERM it saves a checkpoint and ends."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from studio.sdk import Run

import digits
from model import Classifier
from training import steps

if TYPE_CHECKING:
    from types import FrameType

CHECKPOINT = Path("outputs/checkpoint.json")


class StopAsked:
    """Becomes true at the first SIGTERM."""

    def __init__(self) -> None:
        self._asked = False
        signal.signal(signal.SIGTERM, self._note)

    def __bool__(self) -> bool:
        return self._asked

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self._asked = True


def arguments() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--hidden", type=int, default=24, help="neurons between, 0 for none")
    parser.add_argument("--learning-rate", type=float, default=0.005)
    parser.add_argument("--seconds-per-step", type=float, default=0.3, help="pause after a step")
    return parser.parse_args()


def main() -> None:
    """Train until the time is over or somebody asks to stop."""
    asked = arguments()
    run, stop = Run.get_context(), StopAsked()
    run.log_parameters(vars(asked))
    learn, test = digits.split(list(digits.read(digits.DATA)))
    model = Classifier(hidden=asked.hidden, seed=1)
    end = time.monotonic() + asked.minutes * 60
    print(f"training for {asked.minutes:g} minutes; cancel it at any time", flush=True)
    for step in steps(model, learn, epochs=sys.maxsize, rate=asked.learning_rate, seed=1):
        run.log("loss", step.loss, step=step.number)
        print(f"step {step.number:5}  loss {step.loss:.4f}", flush=True)
        if step.ends_epoch:
            run.log("accuracy", model.accuracy(test), step=step.number)
            model.save(CHECKPOINT)
        if stop or time.monotonic() > end:
            break
        time.sleep(asked.seconds_per_step)
    model.save(CHECKPOINT)
    print(f"saved {CHECKPOINT} {'because of SIGTERM' if stop else 'at the end'}", flush=True)


if __name__ == "__main__":
    main()
