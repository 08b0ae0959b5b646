"""What a comparison tells of definitions: any shape, and of secrets only whether they differ."""

from __future__ import annotations

from typing import Any

from studio.contract.secrets import VEIL
from tests.conftest import MakeRun
from tests.queries.test_compare import compared, differing, rows


def test_definitions_of_any_shape_are_compared(make_run: MakeRun) -> None:
    shapes: list[Any] = [5, [], {"b": 1, "a": [2]}, [["x"]], None, "text"]
    runs = [make_run(definition={"arguments": s, "environmentVariables": s}) for s in shapes]
    assert rows(compared(*runs), "attributes")["Arguments"] == (
        "5", None, '{"a": [2], "b": 1}', '[["x"]]', None, "text"
    )  # fmt: skip


def test_a_secret_is_veiled_and_only_told_apart(make_run: MakeRun) -> None:
    values: tuple[dict[str, str], ...] = (
        {"API_KEY": "one", "TOKEN": "same"},
        {"API_KEY": "two", "TOKEN": "same"},
        {},
    )
    runs = [make_run(definition={"environmentVariables": each}) for each in values]
    found = compared(*runs)
    assert rows(found, "environment") == {
        "API_KEY": (f"{VEIL} 1", f"{VEIL} 2", None),
        "TOKEN": (VEIL, VEIL, None),
    }
    assert "environment:API_KEY" in differing(found)
    assert rows(compared(*runs, find="two"), "environment") == {}
