"""A classifier in plain Python: a hidden layer or none, then softmax."""

from __future__ import annotations

import json
import math
import random
from operator import mul
from typing import TYPE_CHECKING

from digits import CLASSES, PIXELS

if TYPE_CHECKING:
    from pathlib import Path

    from digits import Image

Layer = list[list[float]]


class Classifier:
    """Tells digits apart; ``hidden`` neurons between pixels and classes, 0 for none.

    Each neuron is a list of its weights, the bias last.
    """

    def __init__(self, *, hidden: int, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  (weights, not secrets)
        self.hidden = _layer(chance, PIXELS, hidden)
        self.output = _layer(chance, hidden or PIXELS, CLASSES)

    def probabilities(self, pixels: list[float]) -> list[float]:
        """Return how likely each digit is."""
        return _softmax(_forward(self.output, self._features(pixels)))

    def learn(self, image: Image, *, rate: float) -> float:
        """Take one step down the gradient for one image; return the loss before it."""
        features = self._features(image.pixels)
        probabilities = _softmax(_forward(self.output, features))
        errors = probabilities.copy()
        errors[image.digit] -= 1.0
        if self.hidden:
            back = [
                sum(
                    error * neuron[place] for error, neuron in zip(errors, self.output, strict=True)
                )
                if feature > 0
                else 0.0
                for place, feature in enumerate(features[:-1])
            ]
            _step(self.hidden, [*image.pixels, 1.0], back, rate)
        _step(self.output, features, errors, rate)
        return -math.log(max(probabilities[image.digit], 1e-12))

    def accuracy(self, images: list[Image]) -> float:
        """Return the share of the images that it names rightly."""
        right = 0
        for image in images:
            likely = self.probabilities(image.pixels)
            right += likely.index(max(likely)) == image.digit
        return right / len(images)

    def save(self, path: Path) -> None:
        """Write the weights as JSON; the folder is made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"hidden": self.hidden, "output": self.output}))

    def _features(self, pixels: list[float]) -> list[float]:
        inputs = [*pixels, 1.0]
        if not self.hidden:
            return inputs
        return [*(max(0.0, value) for value in _forward(self.hidden, inputs)), 1.0]


def _layer(chance: random.Random, inputs: int, neurons: int) -> Layer:
    width = 1 / math.sqrt(inputs)
    return [[chance.uniform(-width, width) for _ in range(inputs + 1)] for _ in range(neurons)]


def _forward(layer: Layer, inputs: list[float]) -> list[float]:
    return [sum(map(mul, neuron, inputs)) for neuron in layer]


def _softmax(values: list[float]) -> list[float]:
    top = max(values)
    powers = [math.exp(value - top) for value in values]
    total = sum(powers)
    return [power / total for power in powers]


def _step(layer: Layer, inputs: list[float], errors: list[float], rate: float) -> None:
    for place, error in enumerate(errors):
        if error:
            change = rate * error
            layer[place] = [
                weight - change * value for weight, value in zip(layer[place], inputs, strict=True)
            ]
