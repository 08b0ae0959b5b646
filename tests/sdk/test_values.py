"""What may be logged, and what is refused before it is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.contract import limits
from studio.sdk import UserErrorException, _values


class Number:
    """As a scalar of numpy looks."""

    ndim = 0

    def __init__(self, value: object) -> None:
        self._value = value

    def item(self) -> object:
        return self._value


Number.__module__ = "numpy"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1, {"value": 1}),
        (True, {"value": True}),
        (None, {"value": None}),
        ("text", {"value": "text"}),
        (Number(3), {"value": 3}),
        (Number(0.5), {"value": 0.5}),
        (float("nan"), {"valueText": "NaN"}),
        (float("-inf"), {"valueText": "-Infinity"}),
        (2**70, {"value": float(2**70)}),
        ({"a": 1}, {"value": "{'a': 1}"}),
        ((1, 2), {"value": "(1, 2)"}),
        ("nul\0 \ud800", {"value": "nul\N{REPLACEMENT CHARACTER} ?"}),
    ],
)
def test_each_value_becomes_json(value: object, told: dict[str, Any]) -> None:
    kept = _values.scalar("m", value, description="", step=None)
    assert {k: v for k, v in kept.items() if k in ("value", "valueText")} == told
    json.dumps(kept, allow_nan=False)


@pytest.mark.parametrize("value", [[1], range(3), iter([1]), {1}])
def test_a_series_is_not_one_value(value: object) -> None:
    with pytest.raises(UserErrorException, match="takes one value"):
        _values.scalar("m", value, description="", step=None)


@pytest.mark.parametrize(
    ("name", "step"), [("", None), ("x" * 256, None), ("m", 1.5), ("m", 2**63)]
)
def test_a_name_or_step_that_cannot_be_kept_is_refused(name: str, step: Any) -> None:
    with pytest.raises(UserErrorException):
        _values.scalar(name, 1, description="", step=step)


def configured(values: object, known: dict[str, str] | None = None) -> dict[str, str]:
    rows = _values.parameters(values, known or {})
    assert {row["kind"] for row in rows} <= {"parameter"}
    return {row["name"]: row["value"] for row in rows}


def test_a_parameter_is_what_str_says_of_it() -> None:
    given = {"lr": 1e-05, "on": True, "none": None, "layers": [64, 32], 3: "a\0b\ud800"}
    assert configured(given) == {
        "lr": "1e-05", "on": "True", "none": "None", "layers": "[64, 32]",
        "3": "a\N{REPLACEMENT CHARACTER}b?",
    }  # fmt: skip


def test_a_known_parameter_is_not_sent_again() -> None:
    assert configured({"lr": 0.01, "depth": 4}, {"lr": "0.01"}) == {"depth": "4"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("lr", "a dict such as"),
        ({"": 1}, "1 to 250 characters"),
        ({"k" * (limits.KEY + 1): 1}, "1 to 250 characters"),
        ({"k": "x" * (limits.PARAMETER_VALUE + 1)}, "6,000 are allowed"),
        ({n: n for n in range(limits.PARAMETERS_PER_RUN)}, "1,000 parameters at most"),
        ({"known": "other"}, "never changes"),
    ],
)
def test_a_parameter_that_cannot_be_stored_is_refused_at_once(given: object, words: str) -> None:
    with pytest.raises(UserErrorException, match=words):
        configured(given, {"known": "1"})
