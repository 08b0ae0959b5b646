"""Definitions of runs hold whatever their senders wrote, and are shown all the same."""

from __future__ import annotations

from typing import Any

import pytest

from runs.queries.definition import typed


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ([], ""),
        (["--rate", "0.1 or so", 3, 0.5, True], "--rate '0.1 or so' 3 0.5 True"),
        ("--rate 0.1", "--rate 0.1"),
        (5, "5"),
        (0, "0"),
        (False, "false"),
        ({"b": 1, "a": [2]}, '{"a": [2], "b": 1}'),
        (["a", ["b"]], '["a", ["b"]]'),
        ([None], "[null]"),
        ([{"<script>": "x"}], '[{"<script>": "x"}]'),
    ],
)
def test_anything_is_told_as_one_would_type_it_or_as_json(value: Any, shown: str) -> None:
    assert typed(value) == shown
