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
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

POINTS_PER_CHUNK = 1_024

Plain = float | int | str | bool | None
# A row of a table is a dict of its cells.
Value = Plain | dict[str, Plain]
Column = TypeVar("Column", "array[float]", "array[int]")

_HEADER = struct.Struct("<BI")
_VERSION = 1
_FLOAT, _INT, _OTHER = 0, 1, 2
_HAS_STEP = 4
# Beyond this a float64 skips integers, so such an int travels as text.
_EXACT = 2**53


class Point(NamedTuple):
    """One value, its step if it has one, and its time in seconds since 1970."""

    value: Value
    step: int | None
    time: float


def pack(points: Sequence[Point]) -> bytes:
    """Return the points as one chunk."""
    values, times, steps = array("d"), array("d"), array("q")
    flags, others = bytearray(), []
    for point in points:
        kind = _kind(point.value)
        flags.append(kind | (_HAS_STEP if point.step is not None else 0))
        is_number = isinstance(point.value, int | float) and kind != _OTHER
        values.append(float(point.value) if is_number else 0.0)  # type: ignore[arg-type]
        times.append(point.time)
        steps.append(point.step or 0)
        if kind == _OTHER:
            others.append(point.value)
    body = b"".join(_little(column) for column in (values, times, steps))
    head = _HEADER.pack(_VERSION, len(points))
    return head + body + bytes(flags) + json.dumps(others, separators=(",", ":")).encode()


def unpack(chunk: bytes) -> list[Point]:
    """Return the points of a chunk, each value with the type it was logged with."""
    _, count = _HEADER.unpack_from(chunk)
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


def series(chunk: bytes, start: int) -> tuple[Sequence[int], Sequence[float]]:
    """Return the steps and the values of those points of a chunk that are finite numbers.

    ``start`` is the place of its first point: the step of a point without one is its place.
    """
    _, count = _HEADER.unpack_from(chunk)
    kinds = set(chunk[_HEADER.size + 24 * count : _HEADER.size + 25 * count])
    if kinds <= {_FLOAT, _INT} or kinds <= {_FLOAT | _HAS_STEP, _INT | _HAS_STEP}:
        values = _read(array("d"), chunk[_HEADER.size : _HEADER.size + 8 * count])
        # The common case, without a tuple a point. A sum tells whether one of them is not finite.
        if isfinite(sum(values)):
            if not kinds & {_FLOAT | _HAS_STEP, _INT | _HAS_STEP}:
                return range(start, start + count), values
            middle = _HEADER.size + 16 * count
            return _read(array("q"), chunk[middle : middle + 8 * count]), values
    steps, numbers = [], []
    for place, point in enumerate(unpack(chunk), start):
        number = number_of(point.value)
        if number is not None:
            steps.append(place if point.step is None else point.step)
            numbers.append(number)
    return steps, numbers


def columns(chunk: bytes, start: int) -> tuple[list[int], list[float], list[float | None]]:
    """Return the steps, times and numbers of all points; None where a value is no finite number.

    ``start`` is the place of the first point: the step of a point without one is its place.
    """
    _, count = _HEADER.unpack_from(chunk)
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
