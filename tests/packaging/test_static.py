"""Static files as a browser gets them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test.utils import override_settings

STORAGES = {"staticfiles": {"BACKEND": "runs.staticfiles.HashedStaticFiles"}}


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    with override_settings(STORAGES=STORAGES, STATIC_ROOT=tmp_path / "static"):
        # The second time nothing is copied again, and all has to come out the same.
        call_command("collectstatic", verbosity=0, interactive=False)
        first = {path.name for path in (tmp_path / "static" / "css").iterdir()}
        call_command("collectstatic", verbosity=0, interactive=False)
        assert {path.name for path in (tmp_path / "static" / "css").iterdir()} == first
    return tmp_path / "static"


def test_the_style_sheet_comes_in_one_piece_in_its_layers(collected: Path) -> None:
    (sheet,) = (collected / "css").glob("app.*.css")
    text = sheet.read_text(encoding="utf-8")
    assert "@import" not in text
    assert text.startswith("@layer tokens, base, layout, components;")
    parts = (Path(settings.ROOT) / "static" / "css").rglob("*.css")
    for part in parts:
        if part.name != "app.css":
            assert part.read_text(encoding="utf-8") in text


def test_modules_that_are_fetched_later_have_their_hash_as_well(collected: Path) -> None:
    (app,) = (collected / "js").glob("app.*.js")
    names = re.findall(r'import\("\./([^"]+)"\)', app.read_text(encoding="utf-8"))
    assert len(names) > 10
    for name in names:
        assert re.search(r"\.[0-9a-f]{12}\.js$", name)
        assert (collected / "js" / name).exists()
