"""Table 7.3: what a value becomes."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from studio.sdk import Run, UserErrorException


class Scalar:
    """As a number of numpy looks."""

    ndim = 0

    def __init__(self, value: Any) -> None:
        self._value = value

    def item(self) -> Any:
        return self._value


class Array:
    """As an array of numpy looks."""

    ndim = 1

    def __init__(self, *values: Any) -> None:
        self._values = values

    def __iter__(self) -> Any:
        return iter([Scalar(value) for value in self._values])

    def __repr__(self) -> str:
        return f"array({list(self._values)})"


Scalar.__module__ = Array.__module__ = "numpy"


@pytest.mark.row("7.3-plain")
@pytest.mark.parametrize("value", [3, -2.5, True, False, None, "Hello", "", 2**62])
def test_7_3_plain_values_come_back_as_they_went(run: Run, value: Any) -> None:
    run.log("m", value)
    back = run.get_metrics()["m"]
    assert (type(back), back) == (type(value), value)


@pytest.mark.row("7.3-plain")
@pytest.mark.parametrize("value", [0.5, 7, True])
def test_7_3_plain_numbers_of_numpy_are_those_of_python(run: Run, value: Any) -> None:
    run.log("m", Scalar(value))
    run.log_list("series", Array(value, value))
    run.log_row("row", x=Scalar(value))
    assert run.get_metrics() == {"m": value, "series": [value, value], "row": {"x": value}}


@pytest.mark.row("7.3-int64")
def test_7_3_int64_is_an_int_everywhere(run: Run) -> None:
    large = 2**63 - 1
    run.log("m", Scalar(3))
    run.log_list("series", [Scalar(3), Scalar(large)])
    run.log_row("row", x=Scalar(large))
    assert run.get_metrics() == {"m": 3, "series": [3, large], "row": {"x": large}}


@pytest.mark.row("7.3-not_finite")
def test_7_3_not_finite_numbers_survive(run: Run) -> None:
    run.log("nan", math.nan)
    run.log_list("ends", [math.inf, -math.inf, 1.5])
    run.log_row("row", x=math.nan, y=-math.inf)
    found = run.get_metrics()
    assert math.isnan(found["nan"])
    assert found["ends"] == [math.inf, -math.inf, 1.5]
    assert (math.isnan(found["row"]["x"]), found["row"]["y"]) == (True, -math.inf)

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    raw = run._transport.run("GET", run.id, "metrics").data
    assert json.loads(raw, parse_constant=refuse)["items"]


@pytest.mark.row("7.3-repr")
@pytest.mark.parametrize("value", [{"a": 1}, (1, 2), 1 + 2j, Array(1, 2)])
def test_7_3_repr_is_kept_of_what_is_no_single_value(run: Run, value: Any) -> None:
    run.log("m", value)
    assert run.get_metrics() == {"m": repr(value)}


@pytest.mark.row("7.3-mixed_list")
def test_7_3_mixed_list_keeps_its_values(run: Run) -> None:
    run.log_list("mixed", [1, "two", 3.5, None])
    assert run.get_metrics() == {"mixed": [1, "two", 3.5, None]}


@pytest.mark.row("7.3-empty")
def test_7_3_empty_series_and_tables_are_nothing_with_a_warning(run: Run) -> None:
    with pytest.warns(UserWarning, match='Metric "list".*empty'):
        run.log_list("list", [])
    with pytest.warns(UserWarning, match='Metric "table".*empty'):
        run.log_table("table", {})
    with pytest.warns(UserWarning, match='Metric "columns".*empty'):
        run.log_table("columns", {"x": [], "y": []})
    assert run.get_metrics() == {}


@pytest.mark.row("7.3-nested")
def test_7_3_nested_lists_are_refused(run: Run) -> None:
    with pytest.raises(UserErrorException, match=r'Metric "m".*single values'):
        run.log_list("m", [1, [2]])
    with pytest.raises(UserErrorException, match=r'Metric "m".*single values'):
        run.log_row("m", x=[1, 2])
    assert run.get_metrics() == {}


@pytest.mark.row("7.3-unequal_columns")
def test_7_3_unequal_columns_are_named_with_their_lengths(run: Run) -> None:
    with pytest.raises(UserErrorException, match='"y" has 1 values and column "x" has 2'):
        run.log_table("m", {"x": [1, 2], "y": [1]})
    assert run.get_metrics() == {}


@pytest.mark.row("7.3-series_in_log")
@pytest.mark.parametrize(
    "value", [[1, 2], range(3), (n for n in (1, 2))], ids=["list", "range", "generator"]
)
def test_7_3_series_in_log_are_sent_to_log_list(run: Run, value: Any) -> None:
    with pytest.raises(UserErrorException, match=r'Metric "m": .*log_list takes a series'):
        run.log("m", value)
    assert run.get_metrics() == {}
