"""Try several learning rates: one child run for each; the parent logs which was best."""

from __future__ import annotations

import argparse
from pathlib import Path

from studio.sdk import Run

import digits
from model import Classifier
from training import steps


def arguments() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learning-rates", type=float, nargs="+", default=[0.002, 0.01, 0.05, 0.2])
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--hidden", type=int, default=0, help="neurons between, 0 for none")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Train one child run after the other and keep the best model."""
    asked = arguments()
    parent = Run.get_context()
    parent.log_parameters(vars(asked))
    shared = {"epochs": asked.epochs, "hidden": asked.hidden, "seed": asked.seed}
    learn, test = digits.split(list(digits.read(digits.DATA)))
    best, best_rate = -1.0, 0.0
    for place, rate in enumerate(asked.learning_rates):
        model = Classifier(hidden=asked.hidden, seed=asked.seed)
        with parent.child_run(name=f"learning rate {rate:g}") as child:
            child.log_parameters({"learning_rate": rate, **shared})
            for step in steps(model, learn, epochs=asked.epochs, rate=rate, seed=asked.seed):
                child.log("loss", step.loss, step=step.number)
            accuracy = model.accuracy(test)
            child.log("accuracy", accuracy)
        parent.log("accuracy", accuracy, step=place)
        print(f"learning rate {rate:g}: accuracy {accuracy:.4f}", flush=True)
        if accuracy > best:
            best, best_rate = accuracy, rate
            model.save(Path("outputs/best_model.json"))
    parent.log("best_accuracy", best)
    parent.tag("best learning rate", f"{best_rate:g}")
    print(f"best: learning rate {best_rate:g} with accuracy {best:.4f}", flush=True)


if __name__ == "__main__":
    main()
