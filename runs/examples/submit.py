"""Submit the examples, once each: what the demo does at its first start."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

from studio.sdk import Experiment, ScriptRunConfig, ServiceException, StudioException, Workspace

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Example:
    """One run to submit; ``name`` makes its run id, so that it is never there twice."""

    name: str
    experiment: str
    script: str
    arguments: list[object] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


EXAMPLES = [
    Example("softmax", "digits", "train.py", ["--epochs", 30], {"model": "softmax"}),
    Example(
        "hidden-layer",
        "digits",
        "train.py",
        ["--hidden", 32, "--epochs", 40, "--learning-rate", 0.02],
        {"model": "hidden layer", "quality": "good"},
    ),
    Example("sweep", "learning-rates", "sweep.py", ["--hidden", 16, "--epochs", 8]),
    Example("damaged-data", "digits", "fail.py", [], {"model": "softmax"}),
    Example("long-training", "long-training", "long.py", ["--minutes", 10]),
]


def main() -> None:
    """Submit what is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", default="studio-local", help="compute target")
    asked = parser.parse_args()
    try:
        workspace = Workspace.get()
        for example in EXAMPLES:
            submit(workspace, example, asked.target)
    except StudioException as error:
        sys.exit(f"The examples could not be submitted: {error}")


def submit(workspace: Workspace, example: Example, target: str) -> None:
    """Submit one example unless a run with its id is there."""
    config = ScriptRunConfig(
        HERE, example.script, arguments=example.arguments, compute_target=target
    )
    experiment = Experiment(workspace, example.experiment)
    try:
        experiment.submit(
            config,
            tags=example.tags,
            run_id=f"example-{example.name}",
            display_name=example.name.replace("-", " "),
        )
    except ServiceException as error:
        if error.status != 409:
            raise


if __name__ == "__main__":
    main()
