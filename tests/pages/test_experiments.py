"""The experiments of a workspace."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import experiments, lifecycle, views
from runs.models import Experiment, User, Workspace
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_list import names

PAGE = "/w/main/experiments/"


@pytest.fixture
def experiment(make_run: MakeRun, alice: User) -> Experiment:
    by = Actor.of_user(alice)
    for number in range(3):
        run = make_run(experiment_name="digits", start=True, display_name=f"run {number}")
        (lifecycle.fail if number == 1 else lifecycle.complete)(run, by=by)
    found = Experiment.objects.get(name="digits")
    experiments.describe(found, "Reads <b>digits</b>.", by=by)
    return found


def test_each_experiment_says_how_it_goes(
    browser: Browser, rita: User, experiment: Experiment
) -> None:
    client = browser(rita)
    page = client.get(PAGE)
    html = page.content.decode()
    assert names(html) == ["digits"]
    assert page.context["experiments"][0].statuses == ["Completed", "Failed", "Completed"]
    assert 'aria-label="2 Completed, 1 Failed"' in html
    assert "Reads &lt;b&gt;digits&lt;/b&gt;." in html
    assert "data-open" not in html.split("<main")[1]
    assert len(names(client.get("/w/main/runs/?filter=experiment:digits").content.decode())) == 3


def test_a_contributor_describes_and_archives(
    browser: Browser, bob: User, rita: User, experiment: Experiment
) -> None:
    client = browser(bob)
    place = f"{PAGE}{experiment.pk}/"
    saved = client.post(f"{place}edit/", {"description": "New\r\nwords"}, follow=True)
    assert "The description of digits is saved." in saved.content.decode()
    experiment.refresh_from_db()
    assert experiment.description == "New\nwords"
    too_long = client.post(f"{place}edit/", {"description": "x" * 70_000}, follow=True)
    assert "65,536 are allowed" in too_long.content.decode()
    archived = client.post(f"{place}archive/", follow=True)
    assert names(archived.content.decode()) == ["digits"]
    assert names(client.get(PAGE).content.decode()) == []
    client.post(f"{place}archive/", {"back": "true"})
    assert names(client.get(PAGE).content.decode()) == ["digits"]
    for address in ("edit/", "archive/"):
        assert browser(rita).post(place + address).status_code == 403


def test_experiments_are_found_by_name_and_page_by_page(
    browser: Browser, alice: User, workspace: Workspace
) -> None:
    for number in range(55):
        experiments.get_or_create(workspace, f"e-{number}", by=Actor.of_user(alice))
    client = browser(alice)
    first = client.get(PAGE)
    assert len(names(first.content.decode())) == 50
    second = client.get(f"{PAGE}?after={first.context['following']}")
    assert names(second.content.decode()) == [f"e-{n}" for n in (4, 3, 2, 1, 0)]
    assert names(client.get(f"{PAGE}?name=E-54").content.decode()) == ["e-54"]
    assert "No experiment has such a name" in client.get(f"{PAGE}?name=%00zz").content.decode()
    assert client.get(f"{PAGE}?after=x").status_code == 404


def test_strangers_find_nothing(browser: Browser, charlie: User, experiment: Experiment) -> None:
    client = browser(charlie)
    assert client.get(PAGE).status_code == 404
    assert client.post(f"/w/elsewhere/experiments/{experiment.pk}/archive/").status_code == 404
    experiment.refresh_from_db()
    assert experiment.archived_at is None


def test_the_page_asks_as_often_for_many_as_for_few(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    def count() -> int:
        client = browser(alice)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        return len(queries)

    make_run(experiment_name="one")
    few = count()
    for number in range(20):
        make_run(experiment_name=f"e{number % 7}")
    assert count() == few


def test_a_few_letters_lead_to_runs_views_experiments_and_pages(
    browser: Browser, bob: User, rita: User, charlie: User, experiment: Experiment
) -> None:
    by = Actor.of_user(bob)
    views.create(experiment.workspace, by=by, name="Digits by loss", state={})

    def found(user: User, text: str) -> list[tuple[str, str]]:
        told = browser(user).get("/w/main/find/", {"text": text})
        return [(item["kind"], item["name"]) for item in told.json()["items"]]

    assert found(bob, "digits") == [
        ("view", "Digits by loss"), ("experiment", "digits"),
        ("run", "run 2"), ("run", "run 1"), ("run", "run 0"),
    ]  # fmt: skip
    assert ("view", "Digits by loss") not in found(rita, "digits")
    assert found(rita, "failed r") == [("page", "Failed runs")]
    assert found(rita, '"run 1" (') == []
    for hostile in ("", "\0", "x" * 5000, "(" * 100, '"\\'):
        assert browser(rita).get("/w/main/find/", {"text": hostile}).status_code == 200
    assert browser(charlie).get("/w/main/find/", {"text": "digits"}).status_code == 404
