"""What others made is listed, unchanged, and has its licence beside it."""

from __future__ import annotations

import hashlib
import re
import tomllib

from runs.templatetags.runs import _LOOKS
from tests.acceptance.studio_process import ROOT

STATIC = ROOT / "static"


def test_every_vendored_file_is_what_the_list_says() -> None:
    listed = tomllib.loads((STATIC / "vendor/VENDORED.toml").read_text())["file"]
    for entry in listed:
        assert hashlib.sha256((STATIC / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]
        assert (STATIC / entry["licence"]).is_file()
    scripts = {path.relative_to(STATIC).as_posix() for path in STATIC.glob("vendor/*/*.js")}
    assert scripts == {entry["path"] for entry in listed if entry["path"].endswith(".js")}


def test_the_pages_use_no_icon_that_is_not_there() -> None:

    there = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "img/icons.svg").read_text()))
    sources = (ROOT / "templates").rglob("*.html")
    text = "\n".join(path.read_text() for path in sources)
    used = set(re.findall(r'{% icon "([a-z0-9-]+)" %}', text))
    used |= {name for _, name in _LOOKS.values()}
    assert used <= there
    assert len(used) > 10
