"""Metrics, logs, files and snapshots on their way in and out."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from runs.models import Run, User
from tests.api.conftest import Call

LOG = "logs/user_logs/std_log.txt"


@pytest.fixture
def call(api: Callable[..., Call], alice: User, workspace: object) -> Call:
    return api(alice)


@pytest.fixture
def place(run: Run) -> str:
    return f"/workspaces/main/runs/{run.run_id}"


def told(answer: Any) -> dict[str, Any]:
    assert 200 <= answer.status_code < 300, answer.content
    document: dict[str, Any] = answer.json()
    return document


def whole(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def test_metrics_come_back_as_they_were_sent(call: Call, place: str) -> None:
    rows = [
        {"name": "loss", "value": 1, "step": 0, "time": 1.5},
        {"name": "loss", "valueText": "NaN"},
        {"name": "message", "value": "Hello"},
    ]
    body = {"session": "s", "sequence": 0, "rows": rows}
    assert told(call("POST", f"{place}/metrics", body)) == {"received": 3}
    assert told(call("POST", f"{place}/metrics", body)) == {"received": 3}
    items = told(call("GET", f"{place}/metrics"))["items"]
    assert [item["name"] for item in items] == ["loss", "message"]
    assert items[0]["points"][0] == {"value": 1, "step": 0, "time": 1.5}
    assert (items[0]["points"][1]["value"], items[0]["points"][1]["valueText"]) == (None, "NaN")
    gap = call("POST", f"{place}/metrics", {**body, "sequence": 9})
    assert (gap.status_code, gap.json()["expected"]) == (409, 3)  # type: ignore[attr-defined]
    assert told(call("GET", f"{place}/receipts?session=s"))["metrics"] == 3


def test_a_log_is_appended_and_read_in_pieces(call: Call, place: str) -> None:
    first = told(call("POST", f"{place}/{LOG}?session=s&sequence=0", b"one\n"))
    assert first == {"received": 4, "size": 4, "full": False}
    told(call("POST", f"{place}/{LOG}?session=s&sequence=2", b"e\ntwo\n"))
    answer = call("GET", f"{place}/{LOG}?offset=4&limit=3")
    assert (answer.content, answer["X-Log-Size"], answer["X-Log-Offset"]) == (b"two", "8", "4")
    gap = call("POST", f"{place}/{LOG}?session=s&sequence=99", b"late")
    assert (gap.status_code, gap.json()["expected"]) == (409, 8)  # type: ignore[attr-defined]
    large = call("POST", f"{place}/{LOG}?session=s&sequence=8", b"x" * 1_100_000)
    assert large.status_code == 413


def test_a_file_goes_in_and_out(call: Call, place: str) -> None:
    digest = {"X-Content-Sha256": hashlib.sha256(b"bytes").hexdigest()}
    assert call("PUT", f"{place}/files/outputs/a.html", b"bytes", **digest).status_code == 201
    assert call("PUT", f"{place}/files/outputs/a.html", b"bytes").status_code == 200
    assert call("PUT", f"{place}/files/outputs/a.html", b"other").status_code == 409
    wrong = call("PUT", f"{place}/files/b", b"other", **digest)
    assert wrong.json()["code"] == "checksum"  # type: ignore[attr-defined]
    answer = call("GET", f"{place}/files/outputs/a.html")
    assert whole(answer) == b"bytes"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer["Content-Security-Policy"]
    items = told(call("GET", f"{place}/files"))["items"]
    assert [(item["path"], item["size"]) for item in items] == [("outputs/a.html", 5)]


@pytest.mark.parametrize("path", ["..%2F..%2Fx", "a%5Cb", "%2Fetc%2Fpasswd", "a%00b", "a//b", "."])
def test_a_path_that_leads_elsewhere_is_refused(call: Call, place: str, path: str) -> None:
    assert call("PUT", f"{place}/files/{path}", b"x").status_code in (400, 404)
    assert told(call("GET", f"{place}/files"))["items"] == []


def test_a_snapshot_goes_in_once_and_out_whole(call: Call, place: str) -> None:
    contents = {"train.py": b"print(1)", "lib/tool.sh": b"#!/bin/sh"}
    files = {
        name: {
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
            "executable": name.endswith(".sh"),
        }
        for name, data in contents.items()
    }
    declared = told(call("POST", "/workspaces/main/snapshots", {"files": files}))
    assert len(declared["missing"]) == 2
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for data in contents.values():
            archive.writestr(hashlib.sha256(data).hexdigest(), data)
    sid = declared["snapshotId"]
    told(call("PUT", f"/workspaces/main/snapshots/{sid}/content", stream.getvalue()))
    assert told(call("POST", "/workspaces/main/snapshots", {"files": files}))["missing"] == []
    told(call("PUT", f"{place}/snapshot", {"snapshotId": sid}))
    with zipfile.ZipFile(io.BytesIO(whole(call("GET", f"{place}/snapshot")))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == contents
        modes = {info.filename: info.external_attr >> 16 & 0o111 for info in archive.infolist()}
    assert modes == {"train.py": 0, "lib/tool.sh": 0o111}
