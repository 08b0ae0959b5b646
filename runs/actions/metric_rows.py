"""What a row of metrics may hold; the first that cannot be stored is refused by its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runs.actions.refused import Refused
from runs.actions.text import check_text
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import PARAMETER, MetricKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runs.actions.metrics import Row

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_LAST_TIME = 253_402_300_799.0
_SERIES = (MetricKind.SCALAR, MetricKind.LIST)
_FILES = frozenset(MetricKind) - {*_SERIES, MetricKind.TABLE}


def check_rows(rows: Sequence[Row]) -> None:
    """Refuse rows that are too many, and a row with a value out of bounds."""
    if len(rows) > limits.METRIC_ROWS_PER_BATCH:
        reason = f"A batch has {limits.METRIC_ROWS_PER_BATCH:,} rows at most."
        raise Refused(Code.TOO_LARGE, reason, field="rows", hint="Send it in parts.")
    good: set[str] = set()
    for place, row in enumerate(rows):
        if row.name not in good:
            check_text(row.name, f"rows.{place}.name", limits.METRIC_NAME, shortest=1)
            good.add(row.name)
        if row.description:
            check_text(row.description, f"rows.{place}.description", limits.VALUE)
        # Nearly every row is a float of a series, and any float can be stored.
        if type(row.value) is not float or row.kind not in _SERIES:
            _check_value(row, f"rows.{place}.value")
        if row.step is not None and not _SMALLEST <= row.step <= _LARGEST:
            raise Refused(
                Code.BAD_REQUEST, "A step is a 64-bit integer.", field=f"rows.{place}.step"
            )
        if row.time is not None and not 0 <= row.time <= _LAST_TIME:
            raise Refused(
                Code.BAD_REQUEST,
                "A time is in seconds since 1970, up to the year 9999.",
                field=f"rows.{place}.time",
            )


def _check_value(row: Row, field: str) -> None:
    """Refuse a value that does not fit the kind of its metric, or is too long."""
    is_row = isinstance(row.value, dict)
    if row.kind == PARAMETER:
        # How long it may be, the action of parameters says.
        if is_row:
            raise Refused(Code.BAD_REQUEST, "The value of a parameter is a text.", field=field)
        return
    if is_row != (row.kind is MetricKind.TABLE):
        reason = "A row of a table is an object of columns; no other value is one."
        raise Refused(Code.BAD_REQUEST, reason, field=field)
    if row.kind in _FILES and not isinstance(row.value, str):
        reason = f"The value of a metric of kind {row.kind} is the path of a file of the run."
        raise Refused(Code.BAD_REQUEST, reason, field=field)
    cells = row.value if isinstance(row.value, dict) else {"": row.value}
    if len(cells) > limits.METRIC_COLUMNS or (is_row and not cells):
        reason = f"A row has 1 to {limits.METRIC_COLUMNS} columns."
        raise Refused(Code.BAD_REQUEST, reason, field=field)
    longest = limits.FILE_PATH if row.kind in _FILES else limits.METRIC_TEXT
    for column, cell in cells.items():
        place = f"{field}.{column[:100]}" if is_row else field
        check_text(column, place, limits.METRIC_NAME)
        if isinstance(cell, str):
            check_text(cell, place, longest)
