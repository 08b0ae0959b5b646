"""Static files as a browser gets them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
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
    for part in (settings.ROOT / "static" / "css").rglob("*.css"):
        if part.name != "app.css":
            assert part.read_text(encoding="utf-8") in text


def test_every_module_that_a_page_names_is_there_and_is_named_somewhere() -> None:
    root = settings.ROOT / "static" / "js"
    named = set()
    for page in (settings.ROOT / "templates").rglob("*.html"):
        names = re.findall(r'static "js/([^"]+)"', page.read_text(encoding="utf-8"))
        named |= {(root / name).resolve() for name in names}
    todo = list(named)
    while todo:
        module = todo.pop()
        text = module.read_text(encoding="utf-8")
        for name in re.findall(r'(?:import|from)\s*\(?\s*"(\.[^"]+)"', text):
            found = (module.parent / name).resolve()
            assert found.exists(), f"{module.name} imports {name}"
            if found not in named:
                named.add(found)
                todo.append(found)
    assert {path for path in root.rglob("*.js") if path not in named} == set()


def test_a_command_runs_before_any_static_file_was_collected(tmp_path: Path) -> None:
    surroundings = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    surroundings["STUDIO_DATA_DIR"] = str(tmp_path)
    check = [sys.executable, str(settings.ROOT / "manage.py"), "check"]
    told = subprocess.run(check, env=surroundings, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_the_modules_of_the_list_come_in_few_pieces_that_all_lead_somewhere(
    collected: Path,
) -> None:
    (module,) = (collected / "js").glob("list.*.js")
    names = re.findall(r'^import .*"([^"]+)";', module.read_text(encoding="utf-8"), re.MULTILINE)
    assert [re.sub(r"\.\w{12}\.", ".", name) for name in names] == [
        "./app.js",
        "./charts/lit.js",
        "./lib/card-order.js",
    ]
    hashed = [path for path in (collected / "js").rglob("*.js") if path.stem.count(".") == 1]
    for module in hashed:
        text = module.read_text(encoding="utf-8")
        for name in re.findall(r'(?:import|from)\s*\(?\s*"(\.[^"]+)"', text):
            assert (module.parent / name).exists(), f"{module.name} imports {name}"
            assert re.search(r"\.\w{12}\.js$", name), (
                f"{module.name} imports {name} without its hash"
            )
