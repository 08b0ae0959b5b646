"""The loop that all example trainings share."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digits import Image
    from model import Classifier

IMAGES_PER_STEP = 144


@dataclass(frozen=True, slots=True)
class Step:
    """What one step taught: its number from 1, its epoch from 1, the mean loss."""

    number: int
    epoch: int
    loss: float
    ends_epoch: bool


def steps(
    model: Classifier, images: list[Image], *, epochs: int, rate: float, seed: int
) -> Iterator[Step]:
    """Teach the model, image by image in a shuffled order; yield after every 144 images."""
    chance = random.Random(seed)  # noqa: S311  (an order, not a secret)
    number = 0
    for epoch in range(1, epochs + 1):
        order = chance.sample(images, len(images))
        for start in range(0, len(order), IMAGES_PER_STEP):
            batch = order[start : start + IMAGES_PER_STEP]
            loss = sum(model.learn(image, rate=rate) for image in batch) / len(batch)
            number += 1
            yield Step(number, epoch, loss, start + IMAGES_PER_STEP >= len(order))
