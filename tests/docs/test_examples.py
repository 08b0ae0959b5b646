"""Every example of the manual and the README does what the page says, against a real studio."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.sdk import _run
from tests.acceptance.studio_process import StudioProcess
from tests.docs.blocks import LANGUAGES, PAGES, blocks_of
from tests.docs.reader import Reader
from tests.sdk.conftest import Background, background

__all__ = ["background"]
# What no reader of this test runs, and why; each is marked in its page as well.
NOT_RUN = {
    'python3 -m venv .venv && .venv/bin/pip install -q -e ".[server]"': "tests/packaging runs it",
    'python3 -m venv .venv && .venv/bin/pip install -q -e ".[dev]"': "it runs these tests",
    ".venv/bin/pip install run-studio": "tests/packaging installs the wheel",
    ".venv/bin/python manage.py password": "tests/commands runs it",
    ".venv/bin/python manage.py token --user NAME": "tests/commands runs it",
    ".venv/bin/python manage.py second_step --user NAME": "tests/commands runs it",
    "STUDIO_OIDC_ISSUER=": "they are settings; tests/docs/test_settings.py takes each",
    "export MLFLOW_TRACKING_URI=": "tests/e2e/test_mlflow.py runs MLflow's own client",
    "useradd --system": "no test makes users of the machine",
    "systemd-analyze verify": "tests/docs/test_team.py has the units verified",
    "createuser --pwprompt studio": "tests/docs/test_team.py makes both",
    "systemctl": "no systemd runs where tests do; tests/commands restores",
    "studio/            the Django project": "it is a picture of the folders",
}
WITH_EXAMPLES = [page for page in PAGES if any(block.is_run for block in blocks_of(page))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The reader's project: connected to the studio, with a script of the reader's own."""
    place = tmp_path / "my-project"
    (place / "my_folder").mkdir(parents=True)
    (place / "my_folder" / "train.py").write_text("print('trained')\n")
    monkeypatch.chdir(place)
    for name in ("STUDIO_URL", "STUDIO_TOKEN", "STUDIO_WORKSPACE", "STUDIO_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def reader(
    background: Background, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Reader]:
    monkeypatch.setattr(_run, "_current", None)
    studio = StudioProcess(tmp_path / "var")
    studio.start()
    yield Reader(studio, folder)
    for sender in background.senders:
        sender.close(5)
    for beats in background.beats:
        beats.stop()
    studio.stop()


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.stem)
def test_every_example_of_a_page_works(page: Path, reader: Reader) -> None:
    if page.name == "README.md":
        reader.connect()
    for block in blocks_of(page):
        reader.follow(block)


def test_every_block_is_followed_or_marked() -> None:
    blocks = [block for page in PAGES for block in blocks_of(page)]
    assert {block.language for block in blocks} <= LANGUAGES
    marked = [block for block in blocks if block.is_marked]
    unexplained = [block.where for block in marked if not block.text.startswith(tuple(NOT_RUN))]
    assert unexplained == []
    assert [line for line in NOT_RUN if not any(b.text.startswith(line) for b in marked)] == []
