"""The data: handwritten digits, 8 by 8 pixels. See README.md for their source and licence."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parent / "data" / "digits.csv.gz"
CLASSES = 10
PIXELS = 64
BRIGHTEST = 16


@dataclass(frozen=True, slots=True)
class Image:
    """One digit: 64 pixels from 0 to 1, row by row, and which digit it is."""

    pixels: list[float]
    digit: int


def read(path: Path) -> Iterator[Image]:
    """Yield the images of a CSV file, gzipped or not; raises ``ValueError`` at a damaged line."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield _image(line)
            except ValueError as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error


def split(images: list[Image], *, test_every: int = 5) -> tuple[list[Image], list[Image]]:
    """Return the images to learn from, and every fifth one to test with."""
    learn = [image for place, image in enumerate(images) if place % test_every]
    return learn, images[::test_every]


def _image(line: str) -> Image:
    *pixels, digit = [float(value) for value in line.split(",")]
    if len(pixels) != PIXELS:
        raise ValueError(f"{len(pixels)} pixels instead of {PIXELS}")
    return Image([pixel / BRIGHTEST for pixel in pixels], int(digit))
