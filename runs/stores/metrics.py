"""Packed points: a stretch of one series in a few bytes a point, not a row per point.

A chunk is a header, then the columns one after the other: values and times as float64, steps as
int64, a flag byte a point, and the texts of points whose value is no float as JSON.
"""

from __future__ import annotations

import json
import struct
import sys
from array import array
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

POINTS_PER_CHUNK = 1_024

Plain = float | int | str | bool | None
# A row of a table is a dict of its cells.
Value = Plain | dict[str, Plain]
Column = TypeVar("Column", "array[float]", "array[int]")

_HEADER = struct.Struct("<BI")
_MARK = struct.Struct("<ddq")
_VERSION = 1
_FLOAT, _INT, _OTHER = 0, 1, 2
_HAS_STEP = 4
_WITH_STEP = bytes(kind | _HAS_STEP for kind in range(256))
# Beyond this a float64 skips integers, so such an int travels as text.
_EXACT = 2**53


class Point(NamedTuple):
    """One value, its step if it has one, and its time in seconds since 1970."""

    value: Value
    step: int | None
    time: float


class Stretch(NamedTuple):
    """Points that follow each other, as columns: none of them costs an object."""

    values: Sequence[Value]
    steps: Sequence[int | None]
    times: Sequence[float]

    def part(self, begin: int, end: int) -> Stretch:
        """Return the points from one place to before another."""
        return Stretch(self.values[begin:end], self.steps[begin:end], self.times[begin:end])

    def numbers(self) -> Sequence[float]:
        """Return those of its values that are finite numbers."""
        if _are_floats(self.values) and isfinite(sum(self.values)):
            return self.values
        return [n for value in self.values if (n := number_of(value)) is not None]


def pack(points: Stretch) -> bytes:
    """Return the points as one chunk."""
    values, kinds, others = points.values, bytes(len(points.values)), b"[]"
    if not _are_floats(values):
        kinds = bytes(map(_kind, values))
        texts = [v for v, kind in zip(values, kinds, strict=True) if kind == _OTHER]
        others = json.dumps(texts, separators=(",", ":")).encode()
        values = [0 if k == _OTHER else v for v, k in zip(values, kinds, strict=True)]
    steps = points.steps
    if None in steps:
        marks = zip(kinds, steps, strict=True)
        flags = bytes(kind if step is None else kind | _HAS_STEP for kind, step in marks)
        steps = [step or 0 for step in steps]
    else:
        flags = kinds.translate(_WITH_STEP)
    columns: list[array[Any]] = [array("d", values), array("d", points.times), array("q", steps)]
    head = _HEADER.pack(_VERSION, len(kinds))
    return b"".join([head, *map(_little, columns), flags, others])


def joined(first: bytes, second: bytes) -> bytes:
    """Return the points of two chunks as one; none of them is looked at."""
    before, more = _counted(first), _counted(second)
    parts = [_HEADER.pack(_VERSION, before + more)]
    for width in (0, 8, 16, 24):
        size = 1 if width == 24 else 8
        for chunk, count in ((first, before), (second, more)):
            begin = _HEADER.size + width * count
            parts.append(chunk[begin : begin + size * count])
    texts = [
        chunk[_HEADER.size + 25 * count :] for chunk, count in ((first, before), (second, more))
    ]
    return b"".join([*parts, _joined_texts(*texts)])


def unpack(chunk: bytes) -> list[Point]:
    """Return the points of a chunk, each value with the type it was logged with."""
    count = _counted(chunk)
    start, width = _HEADER.size, 8 * count
    values = _read(array("d"), chunk[start : start + width])
    times = _read(array("d"), chunk[start + width : start + 2 * width])
    steps = _read(array("q"), chunk[start + 2 * width : start + 3 * width])
    flags = chunk[start + 3 * width : start + 3 * width + count]
    others = iter(json.loads(chunk[start + 3 * width + count :]))
    points = []
    for value, time, step, flag in zip(values, times, steps, flags, strict=True):
        kind = flag & 3
        real = next(others) if kind == _OTHER else int(value) if kind == _INT else value
        points.append(Point(real, step if flag & _HAS_STEP else None, time))
    return points


def columns(chunk: bytes, start: int) -> tuple[list[int], list[float], list[float | None]]:
    """Return the steps, times and numbers of all points; None where a value is no finite number.

    ``start`` is the place of the first point: the step of a point without one is its place.
    """
    count = _counted(chunk)
    begin, width = _HEADER.size, 8 * count
    flags = chunk[begin + 3 * width : begin + 3 * width + count]
    times = _read(array("d"), chunk[begin + width : begin + 2 * width]).tolist()
    steps = _read(array("q"), chunk[begin + 2 * width : begin + 3 * width]).tolist()
    kinds = set(flags)
    if not kinds <= {_FLOAT | _HAS_STEP, _INT | _HAS_STEP, _OTHER | _HAS_STEP}:
        marks = zip(steps, flags, strict=True)
        steps = [s if f & _HAS_STEP else place for place, (s, f) in enumerate(marks, start)]
    values = _read(array("d"), chunk[begin : begin + width])
    if not kinds & {_OTHER, _OTHER | _HAS_STEP} and isfinite(sum(values)):
        return steps, times, list(values)
    return steps, times, [number_of(point.value) for point in unpack(chunk)]


def marks_of(points: Stretch) -> list[bytes]:
    """Return what tells points apart, of points that have a step and a float each."""
    return [_MARK.pack(v, t, s) for v, s, t in zip(*points, strict=True)]


def marks_in(chunk: bytes, wanted: AbstractSet[bytes]) -> set[bytes]:
    """Return those of the ``wanted`` marks whose points are in a chunk."""
    count = _counted(chunk)
    starts = [_HEADER.size + 8 * count * column for column in range(3)]
    heads = {mark[:8] for mark in wanted}
    found = set()
    for place in range(0, 8 * count, 8):
        if chunk[starts[0] + place : starts[0] + place + 8] in heads:
            mark = b"".join(chunk[start + place : start + place + 8] for start in starts)
            if mark in wanted:
                found.add(mark)
    return found


def number_of(value: Value) -> float | None:
    """Return what a value is on a scale: a finite float, or None."""
    if value is None or isinstance(value, str | dict):
        return None
    try:
        number = float(value)
    except OverflowError:
        # An int that no float64 reaches.
        return None
    return number if number - number == 0 else None


def text_of(value: Value) -> str:
    """Return what stands for a value that is no finite number: NaN, Infinity, or its own words."""
    if isinstance(value, dict):
        return ", ".join(f"{column} {text_of(cell)}" for column, cell in value.items())
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return str(value)


def _counted(chunk: bytes) -> int:
    count: int = _HEADER.unpack_from(chunk)[1]
    return count


def _joined_texts(first: bytes, second: bytes) -> bytes:
    if b"[]" in (first, second):
        return second if first == b"[]" else first
    return first[:-1] + b"," + second[1:]


def _are_floats(values: Sequence[Value]) -> TypeGuard[Sequence[float]]:
    return set(map(type, values)) <= {float}


def _kind(value: Value) -> int:
    if isinstance(value, float):
        return _FLOAT
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _EXACT:
        return _INT
    return _OTHER


def _little(column: array[float] | array[int]) -> bytes:
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()


def _read(column: Column, raw: bytes) -> Column:
    column.frombytes(raw)
    if sys.byteorder == "big":
        column.byteswap()
    return column
