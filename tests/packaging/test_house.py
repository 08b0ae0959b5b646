"""Rules of the house that no linter knows."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.packaging.places import ROOT, clean_environment

DEMO = (
    'python3 -m venv .venv && .venv/bin/pip install -q -e ".[server]" '
    "&& .venv/bin/python manage.py demo"
)
TESTS = (
    'python3 -m venv .venv && .venv/bin/pip install -q -e ".[dev]" && .venv/bin/python -m pytest'
)
REFUSING = """
import importlib.abc, sys
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"django", "runs", "ninja", "pydantic", "psutil", "granian"}:
            raise ImportError(f"the training side imports {name}")
sys.meta_path.insert(0, Refuse())
"""
LINES = 300
PLACES = {
    "manage.py",
    "pyproject.toml",
    "studio",
    "runs",
    "templates",
    "static",
    "tests",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
    "uv.lock",
}


@pytest.fixture
def tracked() -> list[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return listed.stdout.splitlines()


@pytest.mark.parametrize("command", [DEMO, TESTS])
def test_the_readme_has_the_two_commands_word_for_word(command: str) -> None:
    assert command in (ROOT / "README.md").read_text().splitlines()


def test_the_domain_app_is_not_ignored(tracked: list[str]) -> None:
    """Files named .gitignore for machine learning often contain ``runs/``."""
    ignored = subprocess.run(
        ["git", "check-ignore", "-q", "--no-index", "runs/models/run.py"], cwd=ROOT, check=False
    )
    assert ignored.returncode == 1
    assert "runs/models/run.py" in tracked


def test_what_a_studio_writes_is_ignored(tracked: list[str]) -> None:
    for path in (".studio/config.json", "var/studio.sqlite3", ".venv/bin/python"):
        ignored = subprocess.run(
            ["git", "check-ignore", "-q", "--no-index", path], cwd=ROOT, check=False
        )
        assert ignored.returncode == 0, path


def test_the_top_of_the_house_is_fixed(tracked: list[str]) -> None:
    tops = {path.split("/")[0] for path in tracked}
    assert {top for top in tops if not top.startswith(".")} <= PLACES


def test_every_file_is_short(tracked: list[str]) -> None:
    long = {
        path: lines
        for path in tracked
        if path.endswith(".py") and "/migrations/" not in path and (ROOT / path).exists()
        if (lines := len((ROOT / path).read_text().splitlines())) > LINES
    }
    assert long == {}


@pytest.mark.parametrize("module", ["studio.sdk", "studio.runner", "studio.compute.agent"])
def test_the_training_side_imports_no_server(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{REFUSING}\nimport {module}"],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_manage_py_says_how_to_install_what_it_misses() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "manage.py", "demo"],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert '.venv/bin/pip install -e ".[server]"' in done.stderr
    assert "Traceback" not in done.stderr
