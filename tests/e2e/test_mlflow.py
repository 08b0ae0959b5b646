"""MLflow's own client, as it comes from PyPI, against a real studio; and what it logged, on our pages."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from studio.sdk import Run, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess

CLIENT = "mlflow-skinny==3.17.2"
SCRIPTS = Path(__file__).parent / "mlflow_scripts"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has nothing but MLflow's client."""
    place = tmp_path_factory.mktemp("mlflow") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    subprocess.run([place / "bin" / "pip", "install", "-q", CLIENT], check=True)
    return place / "bin"


def environment(studio: StudioProcess, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("STUDIO_", "MLFLOW_"))}
    return {
        **kept,
        "MLFLOW_TRACKING_URI": studio.url,
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        **more,
    }


def run(
    program: Path, *words: str, studio: StudioProcess, tmp_path: Path, way: Mapping[str, str]
) -> str:
    done = subprocess.run(
        [program, *words],
        env=environment(studio, **way),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    return done.stdout


BEARER = {"MLFLOW_TRACKING_TOKEN": TOKEN}
BASIC = {"MLFLOW_TRACKING_USERNAME": "anybody", "MLFLOW_TRACKING_PASSWORD": TOKEN}


@pytest.fixture(scope="module")
def told(
    client: Path, studio: StudioProcess, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What the script has read back."""
    script = str(SCRIPTS / "log_and_search.py")
    place = tmp_path_factory.mktemp("script")
    said = run(client / "python", script, studio=studio, tmp_path=place, way=BEARER)
    answer: dict[str, Any] = json.loads(said.splitlines()[-1])
    return answer


def test_a_script_reads_back_what_it_logged(told: dict[str, Any]) -> None:
    assert told["status"] == "FINISHED"
    assert told["broken"] == "FAILED"
    assert told["params"] == {"lr": "0.1", "layers": "3", "optimizer": "adam"}
    assert told["history"] == [1.0, 0.5, 1 / 3, 0.25, 0.2]
    assert told["metrics"] == {
        "loss": "0.2",
        "accuracy": "0.9",
        "broken": "nan",
        "endless": "1.7976931348623157e+308",
        "later": "1.0",
        "resumed": "1.0",
    }
    assert told["refused"] == ["RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"]


def test_every_operator_of_a_search_finds_what_it_says(told: dict[str, Any]) -> None:
    parent, child, breaks = "parent", "child", "breaks"
    every = sorted([parent, child, breaks])
    assert list(told["found"].values()) == [
        [child],
        [breaks, parent],
        [breaks, child],
        [breaks, child],
        [parent],
        [child, parent],
        [parent],
        [],
        [parent],
        [parent],
        [breaks, child],
        [parent],
        [parent],
        [parent],
        [breaks, child],
        [child],
        [breaks],
        [parent],
        [breaks, child],
        [child, parent],
        [breaks, child],
        every,
        [parent],
    ]
    assert told["by loss"] == [breaks, child, parent]


def test_experiments_and_runs_are_deleted_and_come_back(told: dict[str, Any]) -> None:
    assert told["experiment"] == ["deleted", "active", {"kind": "trial", "owner": "vision"}]
    assert told["binned"] == ["deleted", ["breaks", "parent"]]


def test_artifacts_are_listed_and_come_back(told: dict[str, Any]) -> None:
    assert told["files"] == [
        ["config.json", False, 16],
        ["data", True, None],
        ["empty.txt", False, None],
        ["notes", True, None],
    ]
    assert told["below"] == ["data/inner/data.csv"]
    assert told["fetched"] == [
        ["config.json", '{\n  "depth": 3\n}'],
        ["data/inner/data.csv", "a,b\n1,2\n"],
        ["empty.txt", ""],
        ["notes/a text.txt", "read me"],
    ]
    assert told["text"] == "read me"


def test_the_mlflow_command_lists_them(
    told: dict[str, Any], client: Path, studio: StudioProcess, tmp_path: Path
) -> None:
    program = client / "mlflow"
    listed = run(program, "experiments", "search", studio=studio, tmp_path=tmp_path, way=BASIC)
    assert "vision/first try" in listed
    words = ("runs", "describe", "--run-id", told["parent"])
    described = json.loads(run(program, *words, studio=studio, tmp_path=tmp_path, way=BASIC))
    assert described["data"]["params"]["optimizer"] == "adam"
    assert described["info"]["run_name"] == "parent"
    words = ("artifacts", "list", "--run-id", told["parent"])
    files = json.loads(run(program, *words, studio=studio, tmp_path=tmp_path, way=BASIC))
    assert [each["path"] for each in files] == ["config.json", "data", "empty.txt", "notes"]


def test_our_pages_and_our_sdk_show_them_as_any_run(
    told: dict[str, Any], page: Page, studio: StudioProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_URL", studio.url)
    monkeypatch.setenv("STUDIO_TOKEN", TOKEN)
    page.goto(f"{studio.url}/w/main/runs/?filter=tag:team=vision+param:optimizer=adam")
    page.get_by_role("link", name="parent", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("parent")
    expect(page.locator(".markdown strong")).to_have_text("Read")
    expect(page.get_by_text("Completed").first).to_be_visible()
    page.get_by_role("link", name="Outputs + logs").click()
    page.get_by_role("link", name=re.compile("config.json")).click()
    expect(page.locator("main")).to_contain_text('"depth"')
    ours = Run.get(Workspace.get("main"), told["parent"])
    assert ours.get_metrics("loss")["loss"] == [1.0, 0.5, 1 / 3, 0.25, 0.2]
    assert [each.id for each in ours.get_children()] == [told["child"]]
