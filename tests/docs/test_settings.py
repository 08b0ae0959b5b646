"""The one table of settings: each that the code reads, none that it does not, with examples that it takes."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

from studio.contract import environ
from tests.packaging.places import ROOT, clean_environment

PAGE = ROOT / "templates" / "docs" / "team.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.M)
NAME = re.compile(r"STUDIO_[A-Z_]+|DATABASE_URL")
# A sentence stands in place of an example that nobody should copy.
_READ = """
import importlib, json, os, sys
from studio import settings
before = dict(os.environ)
plain = {name: repr(value) for name, value in vars(settings).items() if name.isupper() or name[0] == "_"}
told = {}
for name, example in json.loads(sys.stdin.read()).items():
    os.environ.clear()
    os.environ.update(before, **{name: example})
    try:
        now = vars(importlib.reload(settings))
        told[name] = [key for key, was in plain.items() if key in now and repr(now[key]) != was]
    except Exception as error:
        told[name] = repr(error)
print(json.dumps(told))
"""


def rows() -> dict[str, tuple[str, str, str]]:
    section = PAGE.read_text(encoding="utf-8").partition("## Settings\n")[2]
    return {name: (what, default, example) for name, what, default, example in ROW.findall(section)}


def read_by_the_code() -> set[str]:
    """Return the variables that the studio reads; those of SDK and runner have a table of their own."""
    found: set[str] = set()
    for folder in ("studio", "runs"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            texts = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
            found |= {text for text in texts if isinstance(text, str) and NAME.fullmatch(text)}
    # What the SDK and the runner read is told in the manual of the SDK.
    return found - {value for key, value in vars(environ).items() if key.isupper()}


def test_the_table_has_every_variable_that_the_code_reads_and_no_other() -> None:
    assert len(rows()) > 20
    assert set(rows()) == read_by_the_code()


def test_every_variable_stands_once_with_meaning_default_and_example() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## Settings\n")[2]
    names = [name for name, *_ in ROW.findall(section)]
    assert len(names) == len(set(names)) == section.count("\n| `")
    assert [name for name, cells in rows().items() if not all(map(str.strip, cells))] == []


def test_every_example_is_taken_and_changes_something(tmp_path: Path) -> None:
    examples = {name: example.strip("`") for name, (_, _, example) in rows().items()}
    # Read when the first owner is made, which tests/commands does.
    examples.pop("STUDIO_BOOTSTRAP_TOKEN")
    examples["STUDIO_DATA_DIR"] = str(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-c", _READ],
        cwd=ROOT,
        env={**clean_environment(), "STUDIO_DATA_DIR": str(tmp_path)},
        input=json.dumps(examples),
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert {name: changed for name, changed in told.items() if isinstance(changed, str)} == {}
    assert [name for name, changed in told.items() if not changed] == []
