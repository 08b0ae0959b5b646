"""One wheel, with only ``studio`` at the top: a ``runs`` package there would break people's imports."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.acceptance.studio_process import free_port, wait_for
from tests.commands.terminal import status_of
from tests.packaging.places import clean_environment

SDK = """
import time
start = time.process_time()
import studio.sdk
print(time.process_time() - start)
"""
IMPORT_SECONDS = 0.15


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with nothing but the plain wheel and what it needs."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    _run(python, "-m", "pip", "install", "-q", str(wheel))
    return python


def test_only_studio_stands_at_the_top(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"studio"}


def test_the_whole_house_travels_in_it(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "studio/sdk/__init__.py",
        "studio/compute/agent.py",
        "studio/_bundled/runs/models/run.py",
        "studio/_bundled/runs/migrations/0001_initial.py",
        "studio/_bundled/runs/examples/data/digits.csv.gz",
        "studio/_bundled/runs/examples/.amlignore",
        "studio/_bundled/templates/base.html",
        "studio/_bundled/templates/docs/sdk.md",
        "studio/_bundled/static/img/icons.svg",
    } <= names
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_a_bare_installation_brings_three_small_libraries_and_nothing_else(bare: Path) -> None:
    listed = _run(bare, "-m", "pip", "list", "--format", "freeze")
    names = {line.split("==")[0].split(" @")[0].lower() for line in listed.splitlines()}
    assert names - {"pip", "setuptools", "wheel"} == {
        "run-studio",
        "urllib3",
        "jmespath",
        "pyyaml",
    }


def test_the_sdk_imports_there_at_once(bare: Path) -> None:
    # The processor's time: what else this machine does at the moment does not count.
    seconds = min(float(_run(bare, "-c", SDK)) for _ in range(3))
    assert seconds < IMPORT_SECONDS


def test_the_agent_starts_there(bare: Path) -> None:
    assert "--target" in _run(bare, "-m", "studio.compute.agent", "--help")


def test_the_runner_imports_there(bare: Path) -> None:
    assert _run(bare, "-c", "import studio.runner.__main__") == ""


def test_an_installed_studio_starts(unpacked: Path, tmp_path: Path) -> None:
    port = free_port()
    environment = clean_environment(
        PYTHONPATH=str(unpacked),
        STUDIO_DATA_DIR=str(tmp_path / "var"),
        DJANGO_SETTINGS_MODULE="studio.settings",
    )
    with (tmp_path / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "django", "up", "--port", str(port)],
            cwd=tmp_path,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        health = f"http://127.0.0.1:{port}/healthz"
        wait_for(lambda: status_of(health) == 200, seconds=30, what="the installed studio")
    finally:
        process.terminate()
        process.wait(timeout=15)
    assert "Traceback" not in (tmp_path / "output.txt").read_text()


def _run(python: Path, *arguments: str) -> str:
    done = subprocess.run(
        [str(python), *arguments],
        cwd="/",
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
