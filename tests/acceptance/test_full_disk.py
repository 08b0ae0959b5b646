"""A disk without room: reading goes on, a write is refused in words, and with room all goes on."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from tests.acceptance.studio_process import TOKEN, StudioProcess

RUNS = "/workspaces/main/runs"
LOG = "user_logs/std_log.txt"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("only root can make a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture
def studio(small_disk: Path) -> Iterator[StudioProcess]:
    studio = StudioProcess(small_disk / "var")
    # What the terminal is told has room of its own.
    studio.output = small_disk.parent / "studio-output.txt"
    studio.start()
    yield studio
    studio.stop()


def answer(studio: StudioProcess, method: str, path: str, data: bytes = b"") -> Any:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/octet-stream"}
    return studio.http.request(
        method, f"{studio.url}/api/v1{path}", body=data or None, headers=headers
    )


def fill(disk: Path) -> Path:
    """Take all room that is left; return what took it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    return ballast


@pytest.fixture
def browser(studio: StudioProcess) -> OpenerDirector:
    """A browser without scripts that has signed in."""
    browser = build_opener(HTTPCookieProcessor())
    link = studio.sign_in_link()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text_of(browser, link))
    assert token
    text_of(browser, link, urlencode({"csrfmiddlewaretoken": token[1]}).encode())
    return browser


def text_of(browser: OpenerDirector, url: str, data: bytes | None = None) -> str:
    with browser.open(url, data) as answer:
        assert answer.status == 200
        text: str = answer.read().decode()
        return text


def test_reading_goes_on_and_a_write_is_refused_until_there_is_room(
    studio: StudioProcess, small_disk: Path, browser: OpenerDirector
) -> None:
    run_id = studio.api("POST", RUNS, {"experimentName": "full"})["runId"]
    page = f"{studio.url}/w/main/runs/{run_id}/"
    place, line = f"{RUNS}/{run_id}/logs/{LOG}", b"x" * 4_096
    assert answer(studio, "POST", f"{place}?session=s&sequence=0", line).status == 200
    ballast = fill(small_disk)
    sent = len(line)

    refused = answer(studio, "POST", f"{place}?session=s&sequence={sent}", line * 64)
    assert refused.status == 507
    assert refused.json()["code"] == "storage_full"
    assert answer(studio, "PUT", f"{RUNS}/{run_id}/files/outputs/big.bin", line * 64).status == 507
    assert answer(studio, "GET", f"{RUNS}/{run_id}").status == 200
    assert studio.log(run_id).encode() == line
    assert studio.http.request("GET", f"{studio.url}/readyz").status == 200
    assert "disk is nearly full" in text_of(browser, page)

    ballast.unlink()
    again = answer(studio, "POST", f"{place}?session=s&sequence={sent}", line * 64)
    assert again.status == 200, again.data
    assert len(studio.log(run_id)) == 65 * len(line)
    assert "disk is nearly full" not in text_of(browser, page)
