"""Rows A-31, A-32, A-51 and A-52: search and columns, on the page of all runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest

from studio.sdk import Experiment, ScriptRunConfig
from tests.rows.conftest import Pages, Start, shown_runs

Find = Callable[[str], list[str]]
RUNS = "/w/main/runs/"


@pytest.fixture
def find(pages: Pages) -> Find:
    """Return the ids of the runs that the page shows for a query."""
    return lambda query: shown_runs(pages.get(f"{RUNS}?filter={quote(query)}"))


@pytest.mark.row("A-31")
def test_a31_a_search_matches_descriptions(start: Start, find: Find) -> None:
    start(run_id="one", description="Learning rate **too high**")
    start(run_id="two", description="just right")
    assert find("too high") == ["one"]
    assert find('"RATE **too"') == ["one"]
    assert find("nothing of it") == []


@pytest.mark.row("A-32")
def test_a32_the_description_can_be_a_column_and_a_view_keeps_it(
    start: Start, pages: Pages
) -> None:
    start(run_id="one", description="# Too *high*\n\nSecond words")
    assert "Too *high*" not in pages.get(RUNS)
    address = "/w/main/runs/?columns=name,description"
    assert '<option value="description">Description</option>' in pages.get(RUNS)
    column = re.compile(r'<td class="cell-text[^"]*">.*Too \*high\*')
    assert column.search(pages.get(address))
    assert "Second words" not in pages.get(address)
    assert column.search(pages.send(address, "/w/main/views/", name="Described"))


@pytest.mark.row("A-51")
def test_a51_runs_are_filtered_by_a_tag_and_the_filter_can_be_taken_away(
    start: Start, find: Find, pages: Pages
) -> None:
    start(run_id="good", tags={"quality": "fantastic run", "worth another look": None})
    start(run_id="poor", tags={"quality": "poor"})
    assert find('tag:quality="fantastic run"') == ["good"]
    assert find("tag:quality") == ["poor", "good"]
    assert find('tag:"worth another look"') == ["good"]
    assert find("tag:quality -tag:quality=poor") == ["good"]
    html = pages.get("/w/main/runs/?experiment=explore-runs&filter=tag:quality%3Dpoor")
    assert "Add filter</span></button>" in html
    assert 'data-term="tag:"' in html
    without = '<a href="?filter=experiment%3Aexplore-runs" aria-label="Leave out tag:quality=poor"'
    assert without in html
    # A tag of the list is a link to the runs that have it.
    assert 'href="?filter=tag%3Aquality%3Dpoor"' in pages.get(RUNS)


@pytest.mark.row("A-52")
def test_a52_a_search_matches_everything_that_is_said_of_a_run(
    experiment: Experiment, config: ScriptRunConfig, start: Start, find: Find, pages: Pages
) -> None:
    start(run_id="stopped").cancel()
    start(run_id="described", description="A hopeful one")
    start(run_id="tagged", tags={"quality": "fantastic run", "worth another look": None})
    start(run_id="named", display_name="Best of all")
    Experiment(experiment.workspace, "elsewhere-2").submit(config, run_id="other")
    expected = {
        "canceled": ["stopped"],
        "hopeful": ["described"],
        "elsewhere-2": ["other"],
        "fantastic": ["tagged"],
        "worth another": ["tagged"],
        "best of all": ["named"],
        "stopp": ["stopped"],
        "alice": ["other", "named", "tagged", "described", "stopped"],
        "nobody": [],
        "alice fantastic": ["tagged"],
    }
    assert {words: find(words) for words in expected} == expected
    box = re.search(r'<form class="query"[^>]*role="search">.*?</form>', pages.get(RUNS), re.S)
    assert box is not None
    assert 'name="filter"' in box[0]
