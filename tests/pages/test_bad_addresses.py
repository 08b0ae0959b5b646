"""Addresses that name what a run has not: a page with a note, never a fault of the studio."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.urls import URLPattern

from runs import urls
from runs.actions.metrics import Row
from runs.models import Run, User
from studio.contract.words import MetricKind
from tests.pages.conftest import Browser, Log

ODD = (
    "nowhere",
    "..",
    "%00",
    "%F0%9F%8E%89",
    "<script>",
    "a" * 2_000,
    "-1",
    "%E2%80%AE",
    "' or 1=1",
)
# What pages of a run are asked for, with all that an address may say wrongly.
QUESTIONS = (
    "file=nowhere",
    "file=%00",
    "file=" + "a/" * 700,
    "line=0",
    "line=99999999999999999999",
    "line=x",
    "open=nowhere&open=%00",
    "find=%00&all=%00",
    "with=nowhere",
    "with=%00",
    "kind=nothing",
    "before=99999999999999999999",
    "before=x",
    "version=99999999999999999999",
    "version=x&against=nothing",
    "name=nowhere&from=x&to=y&x=nothing",
    "name=%00&start=-1",
    "start=99999999999999999999",
    "steps=nowhere~1,,~,a~b~c&side=%00&size=huge",
    "metrics=nowhere&x=nothing&smooth=9",
    "filter=((&sort=nothing&columns=nothing&view=nowhere&after=x&group=nothing",
    "last&before=x&around=&known=x",
    "text=%28&regex&first=x",
    "since=x",
    "runs=nowhere",
)


def parts_of_a_run() -> list[str]:
    """Return the addresses of all pages and parts of one run, below its own."""
    below = "w/<str:ws>/runs/<str:run_id>/"
    routes = [str(each.pattern) for each in urls.urlpatterns if isinstance(each, URLPattern)]
    found = [route.removeprefix(below) for route in routes if route.startswith(below)]
    assert len(found) > 35
    return found


@pytest.fixture
def client(browser: Browser, alice: User) -> Client:
    client = browser(alice)
    # A fault is an answer here as for people, not an exception of the test.
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("part", parts_of_a_run())
def test_no_odd_name_or_question_breaks_a_page(client: Client, run: Run, part: str) -> None:
    fill = {"<path:name>": "nowhere.png", "<path:path>": "nowhere", "<path:tab>": "nowhere"}
    for placeholder, name in fill.items():
        part = part.replace(placeholder, name)
    page = f"/w/main/runs/{run.run_id}/{part}"
    asked = [f"/w/main/runs/{odd}/{part}" for odd in ODD]
    asked += [f"{page}?{question}" for question in QUESTIONS]
    for address in asked:
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(address, headers=headers)
            assert answer.status_code < 500, address
            assert answer.status_code in (200, 204, 302, 400, 404, 405, 422), address


@pytest.mark.parametrize("part", ["files/", "code/files/", "attachments/"])
@pytest.mark.parametrize("odd", [*ODD, "../" * 9 + "etc/passwd", "%2e%2e%2f" * 9, "a//b", "a/"])
def test_no_odd_path_of_a_file_breaks_a_page(client: Client, run: Run, part: str, odd: str) -> None:
    for question in ("", "?show"):
        answer = client.get(f"/w/main/runs/{run.run_id}/{part}{odd}{question}")
        assert answer.status_code == 404


@pytest.mark.parametrize("odd", ODD)
def test_a_run_that_is_not_there_is_told_on_a_page(client: Client, run: Run, odd: str) -> None:
    answer = client.get(f"/w/main/runs/{odd}/")
    assert answer.status_code == 404
    assert "<h1>Not found</h1>" in answer.content.decode()


@pytest.mark.parametrize("tab", ["nowhere", "metrics/nowhere", "<b>", "a" * 500, "Logs"])
def test_a_tab_that_is_not_there_leads_to_the_overview_with_a_note(
    client: Client, run: Run, tab: str
) -> None:
    address = f"/w/main/runs/{run.run_id}/{tab}/"
    answer = client.get(address)
    assert answer.status_code == 404
    told = answer.content.decode()
    assert f"has no part “{html.escape(tab[:60])}”" in told
    assert "<h2>Attributes</h2>" in told
    assert f'data-from="/w/main/runs/{run.run_id}/"' in told
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("verb", ["cancel", "tags", "star", "description/preview"])
def test_an_address_that_only_takes_a_form_leads_back_when_it_is_opened(
    client: Client, run: Run, verb: str
) -> None:
    answer = client.get(f"/w/main/runs/{run.run_id}/{verb}/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert '<a class="button" href="../">' in answer.content.decode()
    assert '<a class="button" href="/">' in client.get("/w/main/bulk/").content.decode()


def test_a_tab_without_its_last_slash_is_still_that_tab(client: Client, run: Run) -> None:
    answer = client.get(f"/w/main/runs/{run.run_id}/metrics")
    assert answer.status_code == 301
    assert answer["Location"] == f"/w/main/runs/{run.run_id}/metrics/"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("sample~2", []),
        ("sample~2,other~2", []),
        ("sample~3", ["No image here has a step “3”"]),
        ("sample~x", ["has a step “x”"]),
        ("sample", ["has a step “”"]),
        ("<b>~2", ["No image “&lt;b&gt;” is shown here."]),
        ("a%252Cb~2", []),
        ("a~9,b~9,c~9,d~9", ["“a”", "“b”", "“c”"]),
    ],
)
def test_an_image_or_step_that_is_not_there_is_told(
    client: Client, run: Run, log: Log, asked: str, told: list[str]
) -> None:
    log(Row("sample", "s.png", MetricKind.IMAGE, step=2), Row("a,b", "a.png", MetricKind.IMAGE))
    log(Row("other", "o.png", MetricKind.IMAGE, step=7))
    page = client.get(f"/w/main/runs/{run.run_id}/images/?steps={asked}")
    assert page.status_code == 200
    assert page.content.decode().count('aria-label="Not there"') == len(told)
    for words in told:
        assert words in page.content.decode()
