"""Alerts in a browser: a bell, a rule with its preview, and the log of its messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from studio.sdk import Experiment, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess, wait_for
from tests.alerts.mailbox import Mailbox, mailbox
from tests.e2e.conftest import sign_in
from tests.e2e.test_list import shell
from tests.outside.receiver import Receiver, receiver, says

_PATIENCE = 60.0
_ADDRESS = """
from runs.models import User
User.objects.update(email="alice@example.org")
print("done")
"""


@pytest.fixture(scope="module")
def mails() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture(scope="module")
def hook() -> Iterator[Receiver]:
    with receiver() as there:
        yield there


@pytest.fixture(scope="module")
def mailing(
    studio: StudioProcess, mails: Mailbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StudioProcess]:
    """A studio that sends mails; its owner has an address."""
    environment = {
        "STUDIO_EMAIL_URL": f"smtp://127.0.0.1:{mails.port}",
        "STUDIO_WEBHOOK_ALLOW": "127.0.0.1/32",
    }
    process = StudioProcess(tmp_path_factory.mktemp("mailing") / "var", environment=environment)
    process.start()
    shell(process, _ADDRESS)
    yield process
    process.stop()


@pytest.fixture(scope="module")
def owner(chromium: Browser, mailing: StudioProcess) -> Iterator[Page]:
    page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    sign_in(page, mailing.sign_in_link())
    yield page
    page.context.close()
    assert complaints == []


@pytest.fixture
def experiment(mailing: StudioProcess, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    monkeypatch.setenv("STUDIO_URL", mailing.url)
    monkeypatch.setenv("STUDIO_TOKEN", TOKEN)
    return Experiment(Workspace.get("main"), "of-alerts")


def failed(experiment: Experiment, name: str) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False, display_name=name)
    run.fail(f"{name} went wrong")


def test_a_bell_mails_how_the_run_ends(
    owner: Page, mailing: StudioProcess, mails: Mailbox, experiment: Experiment
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False, display_name="rung")
    owner.goto(f"{mailing.url}/w/main/runs/{run.id}/")
    bell = owner.get_by_role("button", name="Notify me")
    expect(bell).to_have_attribute("aria-pressed", "false")
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "true")
    expect(owner.locator(".toast[data-toast]")).to_contain_text("You get a mail when rung ends")
    run.complete()
    wait_for(
        lambda: [m for m in mails.to("alice@example.org") if "rung has completed" in m["Subject"]],
        seconds=_PATIENCE,
        what="the mail",
    )
    owner.goto(f"{mailing.url}/w/main/alerts/")
    bells = owner.get_by_role("region", name="My bells")
    expect(bells).to_contain_text("rung")
    bells.get_by_role("button", name="Take it away").click()
    expect(owner.get_by_role("region", name="My bells")).to_have_count(0)


def test_a_rule_is_written_with_a_preview_and_its_messages_are_followed(
    owner: Page, mailing: StudioProcess, hook: Receiver, experiment: Experiment
) -> None:
    for name in ("one", "two", "three"):
        failed(experiment, name)
    owner.goto(f"{mailing.url}/w/main/alerts/")
    owner.get_by_role("link", name="New alert").click()
    preview = owner.locator("#alert-preview")
    owner.get_by_label("Name").fill("Failures here")
    owner.get_by_label("Of which runs").fill("experiment:of-alerts")
    expect(preview).to_have_text("It would have fired 3 times last week.")
    owner.get_by_label("Of which runs").fill("nonsense:1")
    expect(preview).to_contain_text("nonsense")
    owner.get_by_label("Of which runs").fill("experiment:of-alerts")
    owner.get_by_label("a run takes longer than").check()
    expect(owner.get_by_label("Failed", exact=True)).to_be_hidden()
    owner.get_by_label("How long").fill("2h")
    expect(preview).to_have_text("It would not have fired last week.")
    owner.get_by_label("a run becomes").check()
    owner.get_by_label("webhook").check()
    owner.get_by_label("Address that takes the messages").fill(hook.url)
    owner.get_by_role("button", name="Make the alert").click()
    expect(owner.locator(".toast[data-toast]")).to_contain_text("listens from now on")
    expect(owner.locator(".snippet")).to_contain_text("whsec_")

    owner.get_by_role("button", name="Send a test").click()
    log = owner.get_by_role("region", name="Messages")
    expect(log.get_by_role("row").nth(1)).to_contain_text("arrived", timeout=_PATIENCE * 1000)

    hook.answer = says(422)
    failed(experiment, "four")
    row = log.get_by_role("row").filter(has_text="four has failed")
    # Three tries, after 5 and 15 seconds more.
    expect(row).to_contain_text("not sent", timeout=2 * _PATIENCE * 1000)
    expect(row).to_contain_text("The receiver answers 422.")
    hook.answer = says(200)
    row.get_by_role("button", name="Retry").click()
    expect(row).to_contain_text("arrived", timeout=_PATIENCE * 1000)
    before = len(hook.received)
    row.get_by_role("button", name="Replay").click()
    expect(log).to_contain_text("sent once more", timeout=_PATIENCE * 1000)
    wait_for(lambda: len(hook.received) > before, seconds=_PATIENCE, what="the replay")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_nothing_serious_is_found_by_the_examiner(
    owner: Page, mailing: StudioProcess, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = owner.context.new_page()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{mailing.url}/w/main/alerts/")
    last = str(page.locator("a.name").first.get_attribute("href"))
    for place in ("/w/main/alerts/", "/w/main/alerts/new/", last):
        page.goto(f"{mailing.url}{place}")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{place} scrolls sideways at {width}"
    page.close()
