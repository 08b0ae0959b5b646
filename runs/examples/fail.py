"""Train on a data file as it arrives: one of its lines is damaged, so this run fails."""

from __future__ import annotations

import argparse
from pathlib import Path

from studio.sdk import Run

import digits
from model import Classifier

DAMAGED = Path(__file__).parent / "data" / "damaged.csv"


def main() -> None:
    """Learn from each image as it is read; log the mean loss of every fifty."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DAMAGED)
    parser.add_argument("--learning-rate", type=float, default=0.05)
    asked = parser.parse_args()
    run = Run.get_context()
    run.log_parameters({**vars(asked), "data": asked.data.name})
    model = Classifier(hidden=0, seed=1)
    losses: list[float] = []
    for number, image in enumerate(digits.read(asked.data), start=1):
        losses.append(model.learn(image, rate=asked.learning_rate))
        if number % 50 == 0:
            loss = sum(losses[-50:]) / 50
            run.log("loss", loss, step=number)
            print(f"{number} images  loss {loss:.4f}", flush=True)
    print("the whole file was read", flush=True)


if __name__ == "__main__":
    main()
