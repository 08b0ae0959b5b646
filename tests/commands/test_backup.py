"""``manage.py backup`` while the studio is in use, ``restore`` into an empty folder, and ``doctor``."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.studio_process import TOKEN, StudioProcess, wait_for
from tests.commands.terminal import Terminal

LOG, RESULT = "user_logs/std_log.txt", "outputs/result.txt"
LINES, WRITERS = 5, 3


@dataclass
class Writer:
    """Starts runs, logs to them and gives each a file, until it is told to stop."""

    studio: StudioProcess
    stop: threading.Event
    written: dict[str, bytes] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def work(self) -> None:
        try:
            while not self.stop.is_set():
                self._one_run()
        except AssertionError as error:
            self.errors.append(str(error))

    def _one_run(self) -> None:
        body = {"experimentName": "load"}
        run_id = self.studio.api("POST", "/workspaces/main/runs", body)["runId"]
        self.written[run_id] = b""
        for number in range(LINES):
            line = f"{run_id} says {number} {'x' * 200}\n".encode()
            sent = len(self.written[run_id])
            self._send("POST", f"{run_id}/logs/{LOG}?session=s&sequence={sent}", line)
            self.written[run_id] += line
        self._send("PUT", f"{run_id}/files/{RESULT}", run_id.encode())

    def _send(self, method: str, place: str, data: bytes) -> None:
        answer = self.studio.http.request(
            method,
            f"{self.studio.url}/api/v1/workspaces/main/runs/{place}",
            body=data,
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        assert answer.status < 300, f"{method} {place}: {answer.status} {answer.data!r}"


def typed(folder: Path, *arguments: object) -> tuple[int, str]:
    terminal = Terminal(folder, *arguments)
    return terminal.end(), terminal.text


@pytest.fixture(scope="module")
def writers(tmp_path_factory: pytest.TempPathFactory) -> list[Writer]:
    """A studio whose backup was taken in ``backup.tar`` while these wrote to it."""
    folder = tmp_path_factory.mktemp("backup")
    studio = StudioProcess(folder / "var")
    studio.start()
    stop = threading.Event()
    writers = [Writer(studio, stop) for _ in range(WRITERS)]
    threads = [threading.Thread(target=each.work) for each in writers]
    for thread in threads:
        thread.start()
    wait_for(lambda: all(len(w.written) > 2 for w in writers), seconds=60, what="some runs")
    code, text = typed(folder, "backup", folder / "backup.tar")
    before = sum(len(w.written) for w in writers)
    wait_for(lambda: sum(len(w.written) for w in writers) > before, seconds=60, what="more runs")
    stop.set()
    for thread in threads:
        thread.join()
    studio.stop()
    assert (code, [w.errors for w in writers]) == (0, [[]] * WRITERS), text
    return writers


@pytest.fixture(scope="module")
def backup(writers: list[Writer]) -> Path:
    return writers[0].studio.data_dir.parent / "backup.tar"


def test_a_backup_under_load_restores_to_one_moment(
    backup: Path, writers: list[Writer], tmp_path: Path
) -> None:
    code, text = typed(tmp_path, "restore", backup)
    assert code == 0, text
    studio = StudioProcess(tmp_path / "var")
    studio.start()
    try:
        written = {run_id: text for w in writers for run_id, text in w.written.items()}
        items = studio.api("GET", "/workspaces/main/runs?limit=500")["items"]
        found = [item["runId"] for item in items]
        assert found
        for run_id in found:
            assert_is_of_one_moment(studio, run_id, written[run_id])
        assert list((tmp_path / "var" / "logs").rglob("*.times"))
        code, text = typed(tmp_path, "doctor", "--json")
        findings = {each["about"]: each for each in json.loads(text)}
        assert code == 0, text
        assert {"content", "files", "file store", "worker", "tables"} <= findings.keys()
        assert all(each["level"] != "fail" for each in findings.values())
        assert findings["worker"]["level"] == "ok"
    finally:
        studio.stop()


def assert_is_of_one_moment(studio: StudioProcess, run_id: str, written: bytes) -> None:
    log = studio.log(run_id).encode()
    assert written.startswith(log)
    files: list[dict[str, Any]] = studio.api("GET", f"/workspaces/main/runs/{run_id}/files")[
        "items"
    ]
    assert {each["path"] for each in files} <= {LOG, RESULT}
    if RESULT in {each["path"] for each in files}:
        # The file came after the last line, so every line is there.
        assert log == written
        assert studio.log(run_id, RESULT) == run_id


def test_nothing_is_restored_over_a_studio(backup: Path, writers: list[Writer]) -> None:
    code, text = typed(writers[0].studio.data_dir.parent, "restore", backup)
    assert code == 1
    assert "holds a studio already" in text


def test_a_backup_does_not_overwrite_a_file(backup: Path) -> None:
    code, text = typed(backup.parent, "backup", backup)
    assert code == 1
    assert "name a new file" in text


@pytest.mark.parametrize("part", [0.2, 0.6, 0.99])
def test_a_backup_that_was_cut_off_restores_nothing(
    backup: Path, tmp_path: Path, part: float
) -> None:
    whole = backup.read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: int(end_of_members(whole) * part)])
    code, text = typed(tmp_path, "restore", tmp_path / "cut.tar")
    assert code == 1
    assert "cut off" in text
    assert {path.name for path in (tmp_path / "var").iterdir()} <= {"secret_key", "studio.lock"}


def end_of_members(whole: bytes) -> int:
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        last = tar.getmembers()[-1]
    return last.offset_data


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../escaped", tarfile.REGTYPE),
        ("/tmp/escaped", tarfile.REGTYPE),
        ("blobs/1/ab/../../../escaped", tarfile.REGTYPE),
        ("logs/0/1/link", tarfile.SYMTYPE),
        (f"blobs/1/ab/{'ab' * 32}", tarfile.LNKTYPE),
        ("manage.py", tarfile.REGTYPE),
    ],
)
def test_what_does_not_belong_into_a_backup_is_refused(
    backup: Path, tmp_path: Path, name: str, kind: bytes
) -> None:
    hostile = tarfile.TarInfo(name)
    hostile.type, hostile.linkname = kind, "/etc/passwd"
    with tarfile.open(backup) as tar, tarfile.open(tmp_path / "bad.tar", "w") as bad:
        manifest = tar.getmembers()[0]
        bad.addfile(manifest, tar.extractfile(manifest))
        bad.addfile(hostile, io.BytesIO(b""))
    code, text = typed(tmp_path, "restore", tmp_path / "bad.tar")
    assert code == 1
    assert "does not belong" in text
    assert not list(tmp_path.rglob("escaped"))


def test_a_content_that_was_changed_is_noticed(backup: Path, tmp_path: Path) -> None:
    with tarfile.open(backup) as tar, tarfile.open(tmp_path / "bad.tar", "w") as bad:
        for member in tar:
            stream = tar.extractfile(member)
            assert stream is not None
            data = stream.read()
            if member.name.startswith("blobs/"):
                assert hashlib.sha256(data).hexdigest() == member.name.rsplit("/", 1)[1]
                data = b"?" * len(data)
            bad.addfile(member, io.BytesIO(data))
    code, text = typed(tmp_path, "restore", tmp_path / "bad.tar")
    assert code == 1
    assert "is not what was stored" in text


def test_the_doctor_names_what_is_missing_on_disk(backup: Path, tmp_path: Path) -> None:
    assert typed(tmp_path, "restore", backup)[0] == 0
    contents = [path for path in (tmp_path / "var" / "blobs").rglob("*") if path.is_file()]
    for content in contents:
        content.unlink()
    code, text = typed(tmp_path, "doctor")
    assert code == 1
    assert re.search(r"\b[1-9]\d* of the newest 500 files and logs are not on disk", text)
    assert "Restore the data folder's blobs" in text


def test_the_doctor_says_that_nothing_was_started_yet(tmp_path: Path) -> None:
    code, text = typed(tmp_path, "doctor")
    assert code == 1
    assert "migrations were not applied" in text
