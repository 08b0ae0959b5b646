"""Who may see a page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from runs.actions import accounts
from runs.models import Run, User
from tests.pages.conftest import Browser


def test_every_address_declares_who_may_see_it() -> None:
    pending = [*get_resolver().url_patterns]
    views = []
    while pending:
        pattern = pending.pop()
        if isinstance(pattern, URLPattern):
            views.append(pattern)
        else:
            pending += pattern.url_patterns
    assert len(views) > 30
    assert [str(v.pattern) for v in views if not hasattr(v.callback, "opens_to")] == []


@pytest.mark.parametrize(
    "page", ["", "{run}/", "{run}/logs/", "{run}/files/a", "{run}/logs/lines/"]
)
def test_a_stranger_sees_what_is_not_there(
    browser: Browser, charlie: User, run: Run, page: str
) -> None:
    client = browser(charlie)
    foreign = client.get("/w/main/runs/" + page.format(run=run.run_id))
    missing = client.get("/w/nowhere/runs/" + page.format(run=run.run_id))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


def test_nobody_is_sent_to_sign_in(run: Run) -> None:
    answer = Client().get(f"/w/main/runs/{run.run_id}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=")


def test_a_reader_looks_and_does_not_cancel(browser: Browser, rita: User, run: Run) -> None:
    client = browser(rita)
    page = client.get(f"/w/main/runs/{run.run_id}/").content.decode()
    assert "A reader cannot cancel runs." in page
    assert client.post(f"/w/main/runs/{run.run_id}/cancel/").status_code == 403
    run.refresh_from_db()
    assert run.status == "Running"


def test_a_link_signs_in_once_and_a_look_at_it_uses_nothing_up(alice: User, run: Run) -> None:
    link = f"/sign-in/{accounts.sign_in_link(alice)}/"
    assert Client().head(link).status_code == 200
    assert "data-enter" in Client().get(link).content.decode()
    client = Client()
    assert client.post(link)["Location"] == "/account/password/"
    second = Client().post(link)
    assert second.status_code == Client().get(link).status_code == 404
    assert "used already or has expired" in second.content.decode()
    # Whoever is in already is not bothered by an old link.
    assert client.get(link)["Location"] == "/"


def test_signing_out_ends_the_session(browser: Browser, alice: User, workspace: object) -> None:
    client = browser(alice)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/w/main/runs/").status_code == 302


def test_a_form_of_another_site_changes_nothing(alice: User, run: Run) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post(f"/w/main/runs/{run.run_id}/cancel/")
    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()
    assert "<style" not in answer.content.decode()


def test_a_cookie_does_not_open_the_api(browser: Browser, alice: User, run: Run) -> None:
    assert browser(alice).get("/api/v1/workspaces").status_code == 401


@pytest.mark.parametrize(
    "page", ["/", "/sign-in/", "/healthz", "/w/main/runs/", "/api/v1/docs", "/no"]
)
def test_every_page_has_a_strict_policy(
    browser: Browser, alice: User, workspace: object, page: str
) -> None:
    answer = browser(alice).get(page)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"


def test_health_needs_nobody(db: None) -> None:
    assert Client().get("/healthz").content == b"ok\n"
    assert Client().get("/readyz").status_code == 200
