"""Artifacts: the files of a run, at the addresses that MLflow's clients make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runs.actions import tokens
from runs.models import Leftover, RunEvent, RunFile, User
from tests.mlflow.conftest import Answer, Asks, asking

STORE = "/api/2.0/mlflow-artifacts/artifacts"
Store = Callable[..., Answer]


@pytest.fixture
def run_id(ask: Asks) -> str:
    return str(ask("POST", "runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"])


@pytest.fixture
def store(alice: User, run_id: str) -> Store:
    """Calls the store as Alice; a path is one of the run unless it begins with a slash."""
    plain = asking(tokens.issue(alice, "t"), STORE)

    def call(method: str, path: str = "", body: Any = None) -> Answer:
        place = path if path.startswith("/") else f"/0/{run_id}/artifacts/{path}"
        return plain(method, place, body)

    return call


@pytest.fixture
def names(alice: User, run_id: str) -> Callable[[str], list[dict[str, Any]]]:
    plain = asking(tokens.issue(alice, "t"), STORE)

    def listed(folder: str) -> list[dict[str, Any]]:
        place = f"0/{run_id}/artifacts" + (f"/{folder}" if folder else "")
        found: list[dict[str, Any]] = plain("GET", "", {"path": place}).document.get("files", [])
        return found

    return listed


def content(answer: Answer) -> bytes:
    assert answer.status == 200
    return b"".join(answer.response.streaming_content)


def test_a_file_is_stored_listed_read_and_replaced(
    ask: Asks, store: Store, names: Callable[[str], list[dict[str, Any]]], run_id: str
) -> None:
    assert store("PUT", "model/MLmodel", b"flavors: {}").status == 200
    assert store("PUT", "model/MLmodel", b"flavors: {a: 1}").status == 200
    assert store("PUT", "empty.txt", b"").status == 200
    assert content(store("GET", "model/MLmodel")) == b"flavors: {a: 1}"
    assert names("") == [
        {"path": "empty.txt", "is_dir": False},
        {"path": "model", "is_dir": True},
    ]
    assert names("model") == [{"path": "MLmodel", "is_dir": False, "file_size": 15}]
    listed = ask("GET", "artifacts/list", {"run_id": run_id, "path": "model"})
    assert listed.document == {
        "root_uri": f"mlflow-artifacts:/0/{run_id}/artifacts",
        "files": [{"path": "model/MLmodel", "is_dir": False, "file_size": 15}],
    }


def test_what_is_read_is_a_download_and_never_a_page(store: Store) -> None:
    store("PUT", "page.html", b"<script>alert(1)</script>")
    answer = store("GET", "page.html").response
    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/octet-stream"


def test_what_is_not_there_is_told_apart(
    store: Store, names: Callable[[str], list[dict[str, Any]]]
) -> None:
    store("PUT", "a/b.txt", b"text")
    missing, folder = store("GET", "a/c.txt"), store("GET", "a")
    assert (missing.status, missing.code) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert missing.message == "No such artifact: 'a/c.txt'"
    assert (folder.status, folder.code) == (400, "INVALID_PARAMETER_VALUE")
    assert names("nothing") == []
    assert names("a/b.txt") == []


def test_a_folder_is_removed_whole_and_its_bytes_are_freed(
    store: Store, names: Callable[[str], list[dict[str, Any]]]
) -> None:
    for path in ("plots/a.png", "plots/b.png", "plotsome.txt"):
        store("PUT", path, path.encode())
    assert store("DELETE", "plots").document == {}
    assert store("DELETE", "plots").document == {}
    assert [each["path"] for each in names("")] == ["plotsome.txt"]
    assert Leftover.objects.count() == 2
    assert RunEvent.objects.filter(reason="Removed 2 files: plots").count() == 1


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "a/../../x",
        "%2e%2e/x",
        "%252e%252e/x",
        "a/%25252e%25252e/x",
        "%2Fetc/passwd",
        "%" + "25" * 20 + "2e",
        "a%23b",
        "C:/x",
        "a%5Cb",
        "a/",
        "a//b",
    ],
)
@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_no_path_leads_out_of_the_run(store: Store, method: str, path: str, run_id: str) -> None:
    for place in (path, f"/0/{run_id}/artifacts/{path}", f"/{path}"):
        answer = store(method, place, None if method == "GET" else b"x")
        assert answer.status in (400, 404) or (method, answer.status) == ("DELETE", 200), answer
    assert not RunFile.objects.exists()


@pytest.mark.parametrize("path", ["free/form.txt", "0/nobody/artifacts/a", "0", "7/x/artifacts/a"])
def test_there_is_no_other_place(store: Store, path: str) -> None:
    answer = store("PUT", f"/{path}", b"x")
    assert (answer.status, answer.code) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_run_is_reached_by_its_own_experiment_only(store: Store, ask: Asks, run_id: str) -> None:
    other = ask("POST", "experiments/create", {"name": "other"})["experiment_id"]
    assert store("PUT", f"/{other}/{run_id}/artifacts/a", b"x").status == 404


def test_a_deleted_run_is_read_and_not_written(store: Store, ask: Asks, run_id: str) -> None:
    store("PUT", "a.txt", b"x")
    ask("POST", "runs/update", {"run_id": run_id, "status": "FINISHED"})
    ask("POST", "runs/delete", {"run_id": run_id})
    assert content(store("GET", "a.txt")) == b"x"
    answer = store("PUT", "b.txt", b"x")
    assert answer.status == 400
    assert "must be in the 'active' state" in answer.message


def test_files_come_whole(alice: User, run_id: str) -> None:
    plain = asking(tokens.issue(alice, "t"), "/api/2.0/mlflow-artifacts/mpu/create")
    answer = plain("POST", f"/0/{run_id}/artifacts/a", {"path": "a", "num_parts": 2})
    assert (answer.status, answer.code) == (501, "NOT_IMPLEMENTED")


def test_who_downloads_asks_for_models_first(ask: Asks) -> None:
    asked = {"experiment_ids": ["0"], "filter": "name = 'a'"}
    assert ask("POST", "logged-models/search", asked).document == {}
