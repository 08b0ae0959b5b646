"""Their search for experiments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mlflow.conftest import Asks


def found(ask: Asks, method: str = "POST", **asked: Any) -> list[str]:
    answer = ask(method, "experiments/search", {"max_results": 10, **asked})
    assert answer.status == 200, answer.message
    return [each["name"] for each in answer.document.get("experiments", [])]


@pytest.fixture(autouse=True)
def two(ask: Asks) -> None:
    for name in ("Alpha", "beta"):
        tags = [{"key": "k", "value": name}] if name == "beta" else []
        ask("POST", "experiments/create", {"name": name, "tags": tags})


def test_an_experiment_is_found_by_what_it_is(ask: Asks) -> None:
    expected = {
        "": ["Default", "Alpha", "beta"],
        "name = 'Alpha'": ["Alpha"],
        "attribute.name != 'Alpha'": ["Default", "beta"],
        "name LIKE 'a%'": [],
        "name ILIKE 'a%'": ["Alpha"],
        "experiment_id IN ('1', '2')": ["Alpha", "beta"],
        "experiment_id != '0' AND creation_time > 0": ["Alpha", "beta"],
        "last_update_time < 1": [],
        "tags.k = 'beta'": ["beta"],
        "tag.k IS NULL": ["Default", "Alpha"],
    }
    for method in ("GET", "POST"):
        told = {f: found(ask, method, filter=f, order_by=["experiment_id"]) for f in expected}
        assert told == expected


def test_the_newest_come_first_page_by_page(ask: Asks) -> None:
    first = ask("POST", "experiments/search", {"max_results": 2}).document
    rest = found(ask, page_token=first["next_page_token"])
    assert sorted([each["name"] for each in first["experiments"]] + rest) == [
        "Alpha",
        "Default",
        "beta",
    ]
    assert found(ask, order_by=["name DESC"]) == ["beta", "Default", "Alpha"]


def test_a_view_shows_a_stage_of_life(ask: Asks) -> None:
    ask("POST", "experiments/delete", {"experiment_id": "1"})
    assert sorted(found(ask)) == ["Default", "beta"]
    assert found(ask, view_type="DELETED_ONLY") == ["Alpha"]
    assert len(found(ask, view_type="ALL")) == 3


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"max_results": 0},
            "Invalid value 0 for parameter 'max_results' supplied. It must be a positive",
        ),
        ({"max_results": 50_001}, "It must be at most 50000"),
        ({"filter": "attributes.name = 'a'"}, "Invalid attribute key 'name' specified"),
        ({"filter": "name > 'a'"}, "Invalid comparator '>' not one of"),
        ({"filter": "experiment_id = 'a'"}, "it should be an integer"),
        ({"filter": "creation_time > 'a'"}, "Expected numeric value type"),
        ({"order_by": ["foo"]}, "Invalid attribute key 'foo' specified"),
    ],
)
def test_a_search_that_cannot_be_is_refused(ask: Asks, asked: dict[str, Any], said: str) -> None:
    answer = ask("POST", "experiments/search", {"max_results": 10, **asked})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert said in answer.message
