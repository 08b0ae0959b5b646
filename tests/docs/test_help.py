"""The Help as people see it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from runs.models import User, Workspace
from runs.views import help as help_views
from tests.docs.blocks import MANUAL
from tests.pages.conftest import Browser

ADDRESSES = [help_views.address(name) for name in help_views.PAGES]


class Links(HTMLParser):
    """The ids of a page, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.ids += [told["id"] or ""] if "id" in told else []
        self.links += [told["href"] or ""] if tag == "a" and "href" in told else []


@pytest.fixture
def reader(browser: Browser, rita: User) -> Client:
    return browser(rita)


def test_every_file_of_the_manual_is_a_page() -> None:
    assert sorted(page.stem for page in MANUAL) == sorted(help_views.PAGES)
    assert ADDRESSES[0] == "/help/"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_has_a_title_its_place_and_its_headings(reader: Client, address: str) -> None:
    html = reader.get(address).content.decode()
    (title,) = re.findall(r'<h1 id="[^"]+">(.*?)<a class="anchor"', html)
    said = title if address == "/help/" else f"{title} · Help"
    assert f"<title>{said} · Run Studio</title>" in html
    assert f'<a href="{address}" aria-current="page">{title}</a>' in html
    ids = Links(html).ids
    assert len(ids) == len(set(ids))
    contents = re.findall(r'<li class="level-[23]"><a href="#([^"]+)">', html)
    assert contents == [place for place in ids if place.startswith("h-")][1:]


def test_every_link_of_the_manual_leads_to_a_place(reader: Client) -> None:
    pages = {address: Links(reader.get(address).content.decode()) for address in ADDRESSES}
    links = {(at, link) for at, page in pages.items() for link in page.links if "http" not in link}
    broken = set()
    for at, link in links:
        address, _, place = link.partition("#")
        page = pages.get(address or at)
        if page is None:
            answer = reader.get(address)
            broken |= {(at, link)} if answer.status_code not in (200, 302) else set()
        elif place and place not in page.ids:
            broken.add((at, link))
    assert broken == set()
    assert len(links) > 60


def test_a_page_that_the_manual_does_not_have_is_not_found(reader: Client) -> None:
    assert reader.get("/help/api/").status_code == 404
    assert reader.get("/help/page/").status_code == 404
    assert reader.get("/help/index.md").status_code == 404


def test_the_help_is_for_signed_in_people(db: None) -> None:
    answer = Client().get("/help/sdk/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/help/sdk/")


def test_a_page_of_the_help_has_the_strict_policy(reader: Client) -> None:
    policy = reader.get("/help/sdk/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_page_is_drawn_once_and_asks_little(
    reader: Client, workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reader.get("/w/main/runs/")
    reader.get("/help/sdk/")
    drawn = help_views.drawn.cache_info().misses
    # The session, the person, the workspace that the person comes from.
    for address in ADDRESSES:
        with django_assert_num_queries(3):
            reader.get(address)
    assert help_views.drawn.cache_info().misses == drawn


def test_the_help_keeps_the_workspace_that_one_comes_from(
    reader: Client, workspace: Workspace
) -> None:
    listed = reader.get("/w/main/runs/").content.decode()
    assert '<a href="/help/">' in listed
    html = reader.get("/help/").content.decode()
    assert '<a href="/w/main/runs/">' in html
    assert '<a href="/help/" aria-current="true">' in html


def test_who_belongs_to_no_workspace_finds_the_help(browser: Browser, db: None) -> None:
    client = browser(User.objects.create(username="nobody"))
    assert '<a href="/help/">Help</a>' in client.get("/").content.decode()
    html = client.get("/help/").content.decode()
    assert 'aria-label="Workspace"' not in html
    assert 'href="/help/"' in html.partition("</header>")[0]


def test_code_can_be_copied_and_what_was_shown_is_set_apart(reader: Client) -> None:
    html = reader.get("/help/sdk/").content.decode()
    blocks = re.findall(r'<div class="code.*?</div>', html, re.DOTALL)
    copied = [block for block in blocks if "data-copy-code" in block]
    shown = [block for block in blocks if "language-text" in block]
    assert len(blocks) == len(copied) + len(shown) == html.count("<pre")
    assert copied
    assert shown
    assert all(block.startswith('<div class="code code-shown">') for block in shown)
