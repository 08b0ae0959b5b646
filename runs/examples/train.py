"""Train a classifier of handwritten digits; logs loss and accuracy, keeps the model."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from studio.sdk import Run

import digits
from model import Classifier
from training import steps


def arguments() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--hidden", type=int, default=0, help="neurons between, 0 for none")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Train, log, save."""
    asked = arguments()
    run = Run.get_context()
    run.log_parameters(vars(asked))
    learn, test = digits.split(list(digits.read(digits.DATA)))
    model = Classifier(hidden=asked.hidden, seed=asked.seed)
    print(f"{len(learn)} images to learn from, {len(test)} to test with", flush=True)
    rows: list[tuple[int, float, float]] = []
    for step in steps(model, learn, epochs=asked.epochs, rate=asked.learning_rate, seed=asked.seed):
        run.log("loss", step.loss, step=step.number)
        if step.ends_epoch:
            accuracy = model.accuracy(test)
            run.log("accuracy", accuracy, step=step.number)
            rows.append((step.number, step.loss, accuracy))
            print(
                f"epoch {step.epoch:3}  loss {step.loss:.4f}  accuracy {accuracy:.4f}", flush=True
            )
    keep(model, rows)


def keep(model: Classifier, rows: list[tuple[int, float, float]]) -> None:
    """Write the weights and the numbers to ./outputs, which the run keeps."""
    model.save(Path("outputs/model.json"))
    with Path("outputs/metrics.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["step", "loss", "accuracy"])
        writer.writerows(rows)
    print("wrote outputs/model.json and outputs/metrics.csv", flush=True)


if __name__ == "__main__":
    main()
