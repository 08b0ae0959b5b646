"""What pages say while they wait, when the studio is away, and of what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from studio.sdk import Experiment, Run
from tests.acceptance.studio_process import StudioProcess

AWAY = "The studio does not answer."
WIDE = "document.documentElement.scrollWidth > innerWidth"
OVERRIDE = "\N{RIGHT-TO-LEFT OVERRIDE}"


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A block of a run keeps its logs in the folder it stands in."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(experiment: Experiment) -> Iterator[Run]:
    with experiment.start_logging(
        snapshot_directory=None, outputs=False, display_name="mine"
    ) as run:
        for step in range(5):
            run.log("loss", 1 / (step + 1), step=step)
        run.flush()
        yield run


def address(studio: StudioProcess, run: Run, tab: str = "") -> str:
    return f"{studio.url}/w/main/runs/{run.id}/{tab}"


def test_a_chart_says_that_it_loads_and_that_nobody_answers_and_comes_by_itself(
    examined_page: Page, studio: StudioProcess, run: Run
) -> None:
    page, asked = examined_page, list[Route]()

    def away(route: Route) -> None:
        asked.append(route)
        # The first of them waits for long.
        if len(asked) > 1:
            route.abort()

    page.route("**/metrics/points/**", away)
    page.goto(address(studio, run, "metrics/"))
    note = page.locator("metric-chart .chart-note")
    expect(note).to_have_text("Loading …")
    asked[0].abort()
    expect(note).to_have_text(f"{AWAY} Trying again …")
    page.unroute("**/metrics/points/**")
    expect(page.locator("metric-chart canvas").first).to_be_visible(timeout=20_000)
    expect(note).to_be_hidden()


def test_an_open_page_tells_that_the_studio_is_away_and_that_it_is_back(
    examined_page: Page, studio: StudioProcess, run: Run
) -> None:
    page = examined_page
    page.goto(address(studio, run))
    page.route("**/*", lambda route: route.abort())
    told = page.locator("#offline")
    expect(told).to_be_visible(timeout=20_000)
    expect(told).to_contain_text(AWAY)
    page.unroute("**/*")
    run.log("late", 1.0)
    run.flush()
    expect(page.get_by_role("link", name="late")).to_be_visible(timeout=30_000)
    expect(told).to_be_hidden()


def test_the_search_of_a_log_and_the_choice_of_a_run_tell_that_nobody_answers(
    examined_page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    page = examined_page
    with experiment.start_logging(snapshot_directory=None, outputs=False) as run:
        print("a word in the log")
    page.goto(address(studio, run, "logs/?file=logs/user_log.txt"))
    page.route("**/logs/search/**", lambda route: route.abort())
    box = page.get_by_label("Search this log")
    box.fill("word")
    refused = page.locator(".search-refused")
    expect(refused).to_have_text(f"{AWAY} Enter searches again.")
    page.unroute("**/logs/search/**")
    box.press("Enter")
    expect(page.locator("[data-count]")).to_have_text("1 of 1 line")
    expect(refused).to_be_hidden()
    page.goto(f"{studio.url}/w/main/compare/")
    page.route("**/find/**", lambda route: route.abort())
    page.locator("run-picker input").fill("min")
    expect(page.locator("run-picker p")).to_contain_text(AWAY)


def test_a_page_that_refused_a_form_goes_on_living(
    examined_page: Page, studio: StudioProcess, run: Run
) -> None:
    page = examined_page
    run.tag("quality", "poor")
    page.goto(address(studio, run))
    page.get_by_role("button", name="Edit the tags").click()
    run.tag("quality", "fair")
    page.get_by_label("Value", exact=True).first.fill("good")
    page.get_by_role("dialog", name="Tags").get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("fair")
    page.get_by_role("button", name="Not now").click()
    run.complete()
    expect(page.locator(".head .status").first).to_have_text("Completed", timeout=15_000)
    page.goto(page.url)
    page.get_by_role("link", name="Back to the run").click()
    expect(page).to_have_url(address(studio, run))


def test_a_name_from_right_to_left_turns_no_word_of_a_dialog_round(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = experiment.start_logging(
        snapshot_directory=None, outputs=False, display_name=f"{OVERRIDE}evil"
    )
    page.goto(address(studio, run))
    page.get_by_role("button", name="Cancel", exact=True).click()
    run.complete()
    name = page.locator("#cancel-dialog strong")
    assert str(name.evaluate("e => getComputedStyle(e).unicodeBidi")) == "isolate"
    # Where words stand is what the rule is for: SIGTERM is right of the name.
    right = name.evaluate("e => e.getBoundingClientRect().right")
    left = name.evaluate(
        """e => {
          const text = e.nextSibling, range = document.createRange(), at = text.data.indexOf("gets");
          range.setStart(text, at);
          range.setEnd(text, at + 4);
          return range.getBoundingClientRect().left;
        }"""
    )
    assert float(str(left)) >= float(str(right))


@pytest.mark.parametrize("width", [1440, 390])
def test_no_tab_of_a_hostile_run_scrolls_sideways(
    examined_page: Page, studio: StudioProcess, experiment: Experiment, width: int
) -> None:
    solid = "W" * 250
    run = experiment.start_logging(
        snapshot_directory=None,
        outputs=False,
        display_name=solid,
        description=solid * 4,
        tags={solid: solid * 4, f"{OVERRIDE}{solid[:200]}": "<script>alert(1)</script>"},
    )
    run.log(solid, 0.5)
    run.log_parameters({solid: solid})
    run.add_properties({solid: solid * 4})
    run.fail(f"{OVERRIDE}{solid}" * 3)
    run.child_run(name=solid, outputs=False).complete()
    page = examined_page
    page.set_viewport_size({"width": width, "height": 800})
    tabs = ["", "metrics/", "images/", "code/", "children/", "history/", "description/", "nowhere/"]
    tabs += ["logs/", f"logs/?file={solid * 3}", f"images/?steps={solid}~1", "description/history/"]
    for tab in tabs:
        page.goto(address(studio, run, tab))
        assert page.evaluate(WIDE) is False, f"{tab} scrolls sideways at {width}"
