"""Sections 2.3 and 2.4: what is told of changes, and descriptions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from studio.contract import limits
from studio.sdk import Experiment, Run, ServiceException
from tests.rows.conftest import Pages, Start

Result = Callable[..., Any]


@pytest.mark.row("A-26", "A-27")
def test_a26_a27_every_change_of_status_is_a_record_that_other_systems_can_read(
    run: Run, pages: Pages
) -> None:
    run.fail("no good")
    events = run._transport.run("GET", run.id, "events").json()["items"]
    changes = [event for event in events if event["kind"] == "status"]
    assert [event["to"] for event in changes] == ["Running", "Failed"]
    last = changes[-1]
    assert (last["from"], last["reason"]) == ("Running", "no good")
    assert last["actor"] == {"kind": "user", "name": "alice"}
    assert datetime.fromisoformat(last["time"]).utcoffset() is not None
    known = {"after": str(changes[0]["id"])}
    later = run._transport.run("GET", run.id, "events", query=known).json()["items"]
    assert [event["id"] for event in later] == [last["id"]]


@pytest.mark.row("A-28")
def test_a28_the_page_of_a_run_tells_of_every_change(run: Run, pages: Pages) -> None:
    run.fail("no good")
    html = pages.get(f"/w/main/runs/{run.id}/")
    told = html[html.index("What happened") :]
    assert told.index("Running") < told.index("Failed") < told.index("no good")


@pytest.mark.row("A-29")
def test_a29_a_description_is_added_changed_and_deleted(
    run: Run, result: Result, pages: Pages
) -> None:
    assert run.description == ""
    run.description = "First words"
    page = f"/w/main/runs/{run.id}/"
    assert "First words" in pages.get(page)
    told = result("run", "update", "-r", run.id, "--description", "Other words")
    assert told["description"] == "Other words"
    assert "Other words" in pages.get(page)
    run.description = ""
    assert Run.get(run.experiment.workspace, run.id).description == ""
    assert "Other words" not in pages.get(page)[: pages.get(page).index("What happened")]


@pytest.mark.row("A-29")
def test_a29_the_page_has_a_pencil_that_opens_the_text(run: Run, pages: Pages) -> None:
    run.description = "First words"
    place = f"/w/main/runs/{run.id}/description/"
    assert f'href="{place}"' in pages.get(f"/w/main/runs/{run.id}/")
    assert "First words</textarea>" in pages.get(place)


@pytest.mark.row("A-30")
def test_a30_markdown_is_drawn(run: Run, pages: Pages) -> None:
    run.description = "# Why\n\n| a | b |\n|---|---|\n| **c** | [d](https://example.com/) |"
    html = pages.get(f"/w/main/runs/{run.id}/")
    assert '<h1 id="h-why">Why' in html
    assert "<td><strong>c</strong></td>" in html
    assert '<a href="https://example.com/"' in html


@pytest.mark.row("A-29")
def test_a29_a_description_has_a_longest_length(run: Run) -> None:
    with pytest.raises(ServiceException, match=f"{limits.DESCRIPTION:,}") as refused:
        run.description = "x" * (limits.DESCRIPTION + 1)
    assert refused.value.field == "description"


@pytest.mark.row("A-30")
def test_a30_nothing_in_a_description_acts_on_the_page(
    experiment: Experiment, start: Start, pages: Pages
) -> None:
    text = "Good <script>alert(1)</script> <img src=x onerror=alert(2)> [link](javascript:alert(3))"
    run = start(description=text)
    html = pages.get(f"/w/main/runs/{run.id}/")
    assert "<p>Good" in html
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert 'href="javascript:' not in html
