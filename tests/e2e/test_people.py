"""Several people at one studio, each in a browser of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from studio.sdk import Experiment, StudioException, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess, wait_for
from tests.e2e.smtp_sink import SmtpSink

GOOD, OTHER = "seven quiet otters", "nine loud herons"
NewBrowser = Callable[[], Page]


@pytest.fixture(scope="module")
def sink() -> Iterator[SmtpSink]:
    sink = SmtpSink()
    yield sink
    sink.close()


@pytest.fixture(scope="module")
def house(
    chromium: Browser, sink: SmtpSink, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StudioProcess]:
    """A studio of its own, as its passwords are."""
    process = StudioProcess(
        tmp_path_factory.mktemp("people") / "var", environment={"STUDIO_EMAIL_URL": sink.url}
    )
    process.start()
    yield process
    process.stop()


@pytest.fixture
def new_browser(chromium: Browser) -> Iterator[NewBrowser]:
    """Open a browser that nobody has signed in with; what it complains of is a failure."""
    complaints: list[str] = []
    contexts = []

    def open_one() -> Page:
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    # Of a form that is refused the browser says that its page failed to load.
    assert [each for each in complaints if "400 (Bad Request)" not in each] == []


@pytest.fixture(scope="module")
def owner_name(house: StudioProcess, chromium: Browser) -> str:
    """Let the first owner come in by the link and set a password; returns their user name."""
    page = chromium.new_context().new_page()
    page.goto(house.sign_in_link())
    expect(page).to_have_url(f"{house.url}/account/password/")
    set_password(page, GOOD)
    page.get_by_role("button", name="Set the password").click()
    expect(page).to_have_url(f"{house.url}/w/main/runs/")
    page.goto(f"{house.url}/account/")
    page.get_by_label("E-mail").fill("owner@example.org")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    name = str(page.locator("main strong").inner_text())
    page.context.close()
    return name


def set_password(page: Page, password: str) -> None:
    page.get_by_label("New password").fill(password)
    page.get_by_label("Once more").fill(password)


def sign_in(page: Page, house: StudioProcess, name: str, password: str = GOOD) -> None:
    page.goto(f"{house.url}/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_session_that_is_ended_elsewhere_ends(
    house: StudioProcess, owner_name: str, new_browser: NewBrowser
) -> None:
    left_open, here = new_browser(), new_browser()
    for page in (left_open, here):
        sign_in(page, house, owner_name)
        expect(page).to_have_url(f"{house.url}/w/main/runs/")
    here.goto(f"{house.url}/account/sessions/")
    expect(here.get_by_text("this one")).to_have_count(1)
    here.get_by_role("button", name="End all others").click()
    expect(here.get_by_role("button", name="End")).to_have_count(0)
    # The list asks for what is new by itself, and finds the door closed.
    expect(left_open).to_have_url(re.compile(r"/sign-in/\?next=/w/main/runs/"))


def test_a_forgotten_password_is_replaced_by_a_mail(
    house: StudioProcess, owner_name: str, new_browser: NewBrowser, sink: SmtpSink
) -> None:
    page = new_browser()
    sign_in(page, house, owner_name, "not the one")
    expect(page.get_by_role("alert")).to_contain_text("There is no account")
    page.get_by_role("link", name="Forgotten?").click()
    page.get_by_label("User name or e-mail").fill("owner@example.org")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status").first).to_contain_text("a mail is on its way")
    wait_for(lambda: sink.mails, seconds=20, what="the mail")
    mail = sink.mails.pop()
    assert mail["To"] == "owner@example.org"
    (link,) = re.findall(rf"{house.url}/new-password/\S+/", str(mail.get_content()))
    page.goto(link)
    set_password(page, "short and sad"[:8])
    page.get_by_label("New password").evaluate("field => field.form.noValidate = true")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("alert")).to_contain_text("at least 12 characters")
    set_password(page, OTHER)
    page.get_by_role("button", name="Set the password").click()
    expect(page).to_have_url(f"{house.url}/w/main/runs/")
    # The password that the other tests know comes back.
    page.goto(f"{house.url}/account/password/")
    page.get_by_label("Current password").fill(OTHER)
    set_password(page, GOOD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()


def test_who_is_invited_as_a_reader_looks_and_is_told_why_not_more(
    house: StudioProcess, owner_name: str, new_browser: NewBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, house, TOKEN)
    run = Experiment(Workspace.get("main"), "shared").start_logging(
        snapshot_directory=None, outputs=False, display_name="for all"
    )
    owner, reader = new_browser(), new_browser()
    sign_in(owner, house, owner_name)
    owner.get_by_role("button", name="main").click()
    owner.get_by_role("link", name="Members of main").click()
    owner.locator("form.form").get_by_role("combobox").select_option("reader")
    owner.get_by_role("button", name="Make the link").click()
    link = str(owner.locator(".banner-good code").inner_text())
    reader.goto(link)
    reader.get_by_label("User name").fill("rita")
    reader.get_by_label("Password").fill(GOOD)
    reader.get_by_label("Once more").fill(GOOD)
    reader.get_by_role("button", name="Make an account and join").click()
    expect(reader).to_have_url(f"{house.url}/w/main/runs/")
    reader.get_by_role("link", name="for all").first.click()
    cancel = reader.get_by_role("button", name="Cancel", exact=True)
    expect(cancel).to_be_disabled()
    expect(cancel).to_have_attribute("title", "A reader cannot cancel runs.")
    reader.goto(f"{house.url}/w/main/settings/members/")
    expect(reader.get_by_text("Your role here is reader.")).to_be_visible()
    expect(reader.get_by_role("button", name="Make the link")).to_have_count(0)
    owner.goto(f"{house.url}/w/main/settings/members/")
    owner.get_by_label("Role of rita", exact=True).select_option("contributor")
    owner.get_by_role("button", name="Save the role of rita").click()
    expect(owner.get_by_text("Saved.")).to_be_visible()
    reader.goto(f"{house.url}/w/main/runs/{run.id}/")
    reader.get_by_role("button", name="Cancel", exact=True).click()
    reader.get_by_role("button", name="Cancel run").click()
    expect(reader.locator(".head .status")).to_have_text("Canceled")


def test_a_token_made_on_the_page_opens_the_studio_to_the_sdk_until_it_is_revoked(
    house: StudioProcess, owner_name: str, new_browser: NewBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = new_browser()
    sign_in(page, house, owner_name)
    page.goto(f"{house.url}/account/tokens/")
    page.get_by_label("Name").fill("laptop")
    page.get_by_role("button", name="Make the token").click()
    connect(monkeypatch, house, str(page.locator("#new-token").inner_text()))
    run = Experiment(Workspace.get("main"), "by-token").start_logging(
        snapshot_directory=None, outputs=False
    )
    run.log("accuracy", 0.9)
    run.complete()
    page.goto(f"{house.url}/account/tokens/")
    row = page.get_by_role("row").filter(has_text="laptop")
    expect(row).to_contain_text("read write")
    expect(row).not_to_contain_text("never")
    row.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("laptop opens nothing any more.")).to_be_visible()
    with pytest.raises(StudioException):
        Workspace.get("main")


def test_a_second_step_is_set_up_asked_for_and_removed(
    house: StudioProcess, owner_name: str, new_browser: NewBrowser
) -> None:
    page, other = new_browser(), new_browser()
    sign_in(page, house, owner_name)
    page.goto(f"{house.url}/account/second-step/")
    page.get_by_label("Your password").fill(GOOD)
    page.get_by_role("button", name="Set it up").click()
    picture = page.get_by_role("img", name="QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 100
    codes = pyotp.TOTP(str(page.locator("#app-key").inner_text()))
    page.get_by_label("Code").fill(codes.now())
    page.get_by_role("button", name="Turn it on").click()
    recovery = str(page.locator("#recovery-codes").inner_text()).split()
    sign_in(other, house, owner_name)
    expect(other).to_have_url(f"{house.url}/sign-in/code/")
    other.get_by_label("Code").fill(recovery[0])
    other.get_by_role("button", name="Sign in").click()
    expect(other).to_have_url(f"{house.url}/w/main/runs/")
    other.goto(f"{house.url}/account/second-step/")
    expect(other.get_by_text("9 recovery codes are left.")).to_be_visible()
    form = other.locator("form").filter(
        has=other.get_by_role("button", name="Remove the second step")
    )
    form.get_by_label("Your password").fill(GOOD)
    form.get_by_role("button").click()
    expect(other.get_by_text("your password alone signs you in")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_nothing_serious_is_found_by_the_examiner(
    house: StudioProcess,
    owner_name: str,
    chromium: Browser,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    # Nobody listens to this browser's console: the policy refuses the examiner's own styles.
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    examine(page, f"{house.url}/sign-in/")
    examine(page, f"{house.url}/forgotten/")
    sign_in(page, house, owner_name)
    expect(page).to_have_url(f"{house.url}/w/main/runs/")
    for place in ("account/", "account/password/", "account/sessions/", "account/tokens/",
                  "account/second-step/",
                  "account/workspaces/", "w/main/settings/", "w/main/settings/members/",
                  "w/main/settings/audit/"):  # fmt: skip
        examine(page, f"{house.url}/{place}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place
    context.close()


def examine(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    violations = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in violations] == [], address


def connect(monkeypatch: pytest.MonkeyPatch, house: StudioProcess, token: str) -> None:
    """Let the SDK find that studio with that token."""
    monkeypatch.setenv("STUDIO_URL", house.url)
    monkeypatch.setenv("STUDIO_TOKEN", token)
