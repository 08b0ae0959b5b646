"""What was logged arrives once, whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.contract import limits, places
from studio.sdk import Experiment, Run
from studio.sdk._exceptions import ServiceException
from studio.sdk._outbox import Outbox
from studio.sdk._spool import Spool, TextSpool, drain, folder_for
from studio.sdk._transport import Answer, Transport

RUN = "run-1"


class Post(Transport):
    """A studio that keeps (session, sequence), loses answers and refuses a name."""

    def __init__(self) -> None:
        super().__init__("http://nowhere", "t", "main")
        self.rows: list[Any] = []
        self.lose_answers = 0
        self.is_away = False
        self.answer: bytes | None = None
        self.calls = self.largest = 0

    def request(self, method: str, path: str, **options: Any) -> Answer:
        if self.is_away:
            raise ServiceException("away")
        self.calls += 1
        self.largest = max(self.largest, len(options["body"]))
        body = json.loads(options["body"])
        if body["sequence"] > len(self.rows):
            document = {"code": "gap", "expected": len(self.rows)}
            raise ServiceException("gap", status=409, document=document)
        fresh = body["rows"][len(self.rows) - body["sequence"] :]
        if any(row["name"] == "bad" for row in fresh):
            raise ServiceException("bad name", status=400, document={"code": "bad_request"})
        self.rows += fresh
        if self.lose_answers:
            self.lose_answers -= 1
            raise ServiceException("lost")
        if self.answer is not None:
            return Answer(200, {}, self.answer)
        return Answer(200, {}, json.dumps({"received": len(self.rows)}).encode())


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def spool(post: Post) -> Spool:
    return Spool(RUN, post)


def row(number: int, name: str = "loss") -> dict[str, Any]:
    return {"name": name, "value": number}


def values(post: Post) -> list[int]:
    return [row["value"] for row in post.rows]


def test_a_lost_answer_doubles_nothing(post: Post, spool: Spool) -> None:
    box = Outbox(spool.path, post)
    for number in range(5):
        spool.append(row(number))
    post.lose_answers = 2
    for _ in range(2):
        with pytest.raises(ServiceException):
            box.pump()
    box.pump()
    spool.append(row(5))
    box.pump()
    assert values(post) == list(range(6))
    assert box.left() == 0


def test_more_than_a_batch_goes_in_order(post: Post, spool: Spool) -> None:
    for number in range(2_500):
        spool.append(row(number))
    Outbox(spool.path, post).pump()
    assert values(post) == list(range(2_500))


def test_a_studio_that_went_back_gets_the_rest_again(post: Post, spool: Spool) -> None:
    box = Outbox(spool.path, post)
    for number in range(6):
        spool.append(row(number))
    box.pump()
    # The machine of the studio crashed, and its last transactions are gone.
    del post.rows[3:]
    spool.append(row(6))
    box.pump()
    assert values(post) == list(range(7))


def test_a_row_that_is_refused_holds_up_no_other(post: Post, spool: Spool) -> None:
    box = Outbox(spool.path, post)
    for number in range(3):
        spool.append(row(number))
    spool.append(row(99, "bad"))
    for number in range(3, 6):
        spool.append(row(number))
    box.pump()
    assert values(post) == list(range(6))
    assert Outbox(spool.path, post).left() == 0


def test_a_studio_that_went_back_over_a_refused_row_gets_the_rest_again(
    post: Post, spool: Spool
) -> None:
    box = Outbox(spool.path, post)
    for number in range(6):
        spool.append(row(number, "bad" if number == 3 else "loss"))
    box.pump()
    assert values(post) == [0, 1, 2, 4, 5]
    del post.rows[2:]
    spool.append(row(6))
    box.pump()
    assert values(post) == [0, 1, 2, 4, 5, 6]


def test_many_refused_rows_cost_few_calls_each(post: Post, spool: Spool) -> None:
    for number in range(2_000):
        spool.append(row(number, "bad" if number in (7, 1_500) else "loss"))
    Outbox(spool.path, post).pump()
    assert values(post) == [n for n in range(2_000) if n not in (7, 1_500)]
    assert post.calls < 80


def test_long_texts_travel_in_smaller_batches(post: Post, spool: Spool) -> None:
    for number in range(300):
        spool.append(row(number) | {"description": "x" * 8_000})
    Outbox(spool.path, post).pump()
    assert values(post) == list(range(300))
    assert post.largest < limits.JSON_BODY_BYTES


@pytest.mark.parametrize("body", [b"", b'{"rece', b"<html>", b"{}", b"[]"])
def test_an_answer_that_is_not_whole_proves_nothing(post: Post, spool: Spool, body: bytes) -> None:
    box = Outbox(spool.path, post)
    spool.append(row(1))
    post.answer = body
    with pytest.raises(ServiceException) as told:
        box.pump()
    assert told.value.is_unreachable
    post.answer = None
    box.pump()
    assert values(post) == [1]


def test_a_closed_spool_takes_no_more(post: Post, spool: Spool) -> None:
    assert spool.append(row(1))
    spool.close()
    assert not spool.append(row(2))
    drain(folder_for(RUN), post)
    assert values(post) == [1]


def test_a_full_disk_spoils_no_row(
    post: Post, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.append(row(1))
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda file, data: write(file, data[:10]))
        with pytest.raises(OSError, match="no room"):
            spool.append(row(2))
    spool.append(row(3))
    Outbox(spool.path, post).pump()
    assert values(post) == [1, 3]


def test_a_spool_that_is_being_made_is_left_alone(post: Post) -> None:
    folder = folder_for(RUN)
    folder.mkdir(parents=True)
    (folder / "new.rows").write_bytes(b'{"run": ')
    assert drain(folder, post) == 0
    assert (folder / "new.rows").exists()


@pytest.mark.parametrize(
    "kept",
    [
        {"name": "loss", "kind": "scalar", "time": 1.5, "value": 0.1},
        {"name": 'a "b" \u00e9', "kind": "scalar", "time": 1e-7, "value": -5, "step": 3},
        {"name": "loss", "kind": "scalar", "time": 1.5, "value": True, "step": 3},
        {"name": "loss", "kind": "scalar", "time": 1.5, "value": "text"},
        {"name": "loss", "kind": "scalar", "time": 1.5, "value": 1, "description": "d"},
        {"name": "t", "kind": "table", "time": 1.5, "value": {"x": 1}},
        {"name": "loss", "kind": "scalar", "time": 1.5, "valueText": "NaN"},
    ],
)
def test_a_row_is_kept_as_it_is(spool: Spool, kept: dict[str, Any]) -> None:
    spool.append(kept)
    assert json.loads(spool.path.read_bytes().splitlines()[-1][9:]) == kept


def test_what_a_dead_process_printed_is_delivered_once(
    experiment: Experiment, tmp_path: Path
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    transport = run._transport
    text = TextSpool(run.id, transport, places.BLOCK_LOG)
    assert text.append("one\n")
    assert text.append("two \ud800\n")
    assert drain(folder_for(run.id), transport) == 0, "a living writer's file is its own business"
    assert places.BLOCK_LOG not in run.get_file_names()
    text.close()
    again = tmp_path / "again.text"
    again.write_bytes(text.path.read_bytes())
    drain(folder_for(run.id), transport)
    assert not text.path.exists()
    drain(tmp_path, transport)
    assert not again.exists()
    log = transport.run_file("GET", run.id, "logs", places.BLOCK_LOG).data
    assert log == b"one\ntwo \\ud800\n"
    run.complete()


def test_what_a_dead_process_left_is_delivered_once(post: Post, spool: Spool) -> None:
    box = Outbox(spool.path, post)
    for number in range(4):
        spool.append(row(number))
    box.pump()
    spool.append(row(4))
    folder = folder_for(RUN)
    assert drain(folder, post) == 0
    assert values(post) == list(range(4)), "a living writer's file is its own business"
    spool.close()
    with spool.path.open("ab") as file:
        file.write(b'00000000 {"name": "torn", "val')
    drain(folder, post)
    drain(folder, post)
    assert values(post) == list(range(5))
    assert not list(folder.glob("*.rows"))


def test_a_studio_that_is_away_loses_nothing(post: Post, spool: Spool) -> None:
    spool.append(row(1))
    spool.close()
    post.is_away = True
    with pytest.raises(ServiceException):
        drain(folder_for(RUN), post)
    post.is_away = False
    drain(folder_for(RUN), post)
    assert values(post) == [1]


def test_kill_9_of_the_script_loses_nothing_that_was_logged(post: Post, tmp_path: Path) -> None:
    script = (
        "from studio.sdk._spool import Spool\nfrom studio.sdk._transport import Transport\n"
        f"spool = Spool({RUN!r}, Transport('http://127.0.0.1:1', 't', 'main'))\n"
        "for n in range(200): spool.append({'name': 'loss', 'value': n})\n"
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    drain(folder_for(RUN), post)
    assert values(post) == list(range(200))


def test_a_forked_child_logs_as_a_session_of_its_own(experiment: Any) -> None:
    run: Run = experiment.start_logging(snapshot_directory=None, outputs=False)
    run.log("loss", 1)
    child = os.fork()
    if child == 0:
        run.log("loss", 2)
        run.flush(10)
        os._exit(0)
    os.waitpid(child, 0)
    run.log("loss", 3)
    assert sorted(run.get_metrics()["loss"]) == [1, 2, 3]
    run.complete()
