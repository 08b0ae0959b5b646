"""What is attached to a description, and what # in it completes."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from runs.access import Actor
from runs.actions import attachments, files
from runs.models import Attachment, Run, User
from studio.contract import limits
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.editor import PNG, html, place, send, text_of, written


@pytest.fixture
def noted(make_run: MakeRun) -> Run:
    return make_run(run_id="noted", description="one\ntwo\nthree")


@pytest.fixture
def client(browser: Browser, bob: User) -> Client:
    return browser(bob)


def test_a_file_is_attached_and_shown(
    client: Client, run: Run, rita: User, browser: Browser
) -> None:
    file = SimpleUploadedFile("my [plot].PNG", PNG)
    answer = client.post(place(run, "attachments"), {"file": file})
    assert answer.status_code == 201
    assert answer.json() == {"markdown": "![my -plot.png](attachments/my%20-plot.png)"}
    send(client, run, client.get(place(run, "description")), answer.json()["markdown"])
    (shown,) = re.findall(r'<img src="([^"]+attachments[^"]+)"', html(client.get(place(run))))
    got = browser(rita).get(unescape(shown))
    assert b"".join(got) == PNG
    assert got["Content-Type"] == "image/png"
    assert got["Content-Disposition"] == "inline"
    assert got["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got["Content-Security-Policy"]


def test_what_is_no_picture_is_a_download(client: Client, run: Run) -> None:
    page = SimpleUploadedFile("a.txt", b"<script>alert(1)</script>", "text/html")
    answer = client.post(place(run, "attachments"), {"file": page})
    assert answer.json() == {"markdown": "[a.txt](attachments/a.txt)"}
    got = client.get(f"/w/main/runs/{run.run_id}/attachments/a.txt")
    assert got["Content-Type"] == "application/octet-stream"
    assert got["Content-Disposition"].startswith("attachment")


def test_an_attachment_is_as_private_as_its_run(
    client: Client, run: Run, browser: Browser, charlie: User, make_run: MakeRun
) -> None:
    client.post(place(run, "attachments"), {"file": SimpleUploadedFile("a.png", PNG)})
    address = f"/w/main/runs/{run.run_id}/attachments/a.png"
    assert client.get(address).status_code == 200
    assert browser(charlie).get(address).status_code == 404
    other = make_run()
    assert client.get(f"/w/main/runs/{other.run_id}/attachments/a.png").status_code == 404
    assert client.get(address.replace("a.png", "../a.png")).status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.svg", b"<svg/>", "no kind of file"),
        ("a.html", b"<p>", "no kind of file"),
        ("a", b"x", "no kind of file"),
        ("a.png", b"<svg/>", "no such picture"),
        ("a.webp", PNG, "no such picture"),
        ("a.png", b"", "empty"),
        ("a.png", PNG + b"x" * limits.ATTACHMENT_BYTES, "more than 10 MB"),
    ],
)
def test_what_cannot_be_attached_is_refused_with_its_reason(
    client: Client, run: Run, name: str, data: bytes, said: str
) -> None:
    answer = client.post(place(run, "attachments"), {"file": SimpleUploadedFile(name, data)})
    assert 400 <= answer.status_code < 500
    assert said in answer.json()["detail"]
    assert not Attachment.objects.exists()


def test_a_call_without_a_file_is_refused(client: Client, run: Run) -> None:
    assert client.post(place(run, "attachments"), {"file": "text"}).status_code == 400


def test_without_script_a_file_is_attached_by_the_form(client: Client, noted: Run) -> None:
    opened = client.get(place(noted, "description"))
    file = SimpleUploadedFile("p.png", PNG)
    answer = send(client, noted, opened, "said", do="attach", file=file)
    assert written(answer) == "said\n\n![p.png](attachments/p.png)\n"
    assert text_of(noted) == "one\ntwo\nthree"
    refused = send(client, noted, opened, "said", do="attach")
    assert "There is no file" in html(refused)
    assert written(refused) == "said"


def test_the_sign_of_numbers_completes_runs_and_files(
    client: Client, run: Run, make_run: MakeRun, alice: User
) -> None:
    make_run(display_name="brave_[owl]", run_id="owl-1")
    for path in ("outputs/owl (1).png", "outputs/owl.txt", "other.txt"):
        files.put(run, by=Actor.of_user(alice), path=path, stream=io.BytesIO(b"x"))
    address = place(run, "description", "complete")
    found = client.get(address, {"text": "owl"}).json()["items"]
    assert [item["markdown"] for item in found] == [
        "![owl (1).png](outputs/owl%20%281%29.png)",
        "[owl.txt](outputs/owl.txt)",
        "[brave_\\[owl\\]](/w/main/runs/owl-1/)",
    ]
    for hostile in ("", "\0", "(" * 500, '"', "#", "x" * 5_000):
        assert client.get(address, {"text": hostile}).status_code == 200


def test_names_that_begin_so_come_first(client: Client, run: Run, make_run: MakeRun) -> None:
    make_run(display_name="brave_owl")
    make_run(display_name="other", description="a brave text")
    make_run(display_name="third", run_id="brave-3")
    items = client.get(place(run, "description", "complete"), {"text": "brave"}).json()["items"]
    assert [item["name"] for item in items] == ["brave_owl", "third", "other"]


def test_what_is_completed_leads_there(client: Client, run: Run, make_run: MakeRun) -> None:
    make_run(display_name="*a*`b`\\c<d>", run_id="owl-1")
    (item,) = client.get(place(run, "description", "complete"), {"text": "owl-1"}).json()["items"]
    drawn = html(client.post(place(run, "description", "preview"), {"text": item["markdown"]}))
    assert '<a href="/w/main/runs/owl-1/"' in drawn
    assert "*a*`b`\\c&lt;d&gt;</a>" in drawn


def test_too_many_attachments_are_refused(
    client: Client, run: Run, bob: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(limits, "ATTACHMENTS_PER_RUN", 2)
    for n in range(3):
        file = SimpleUploadedFile("same.png", PNG + bytes([n]))
        answer = client.post(place(run, "attachments"), {"file": file})
        assert answer.status_code == (409 if n == 2 else 201)
    assert set(run.attachments.values_list("name", flat=True)) == {"same.png", "same-2.png"}
    assert attachments.markdown(Attachment.objects.get(name="same-2.png")) == (
        "![same-2.png](attachments/same-2.png)"
    )
