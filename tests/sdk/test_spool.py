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

from studio.sdk import Run, UserErrorException, _values
from studio.sdk._exceptions import ServiceException
from studio.sdk._spool import Outbox, Spool, drain, folder_for
from studio.sdk._transport import Answer, Transport

RUN = "run-1"


class Post(Transport):
    """A studio that keeps (session, sequence), loses answers and refuses a name."""

    def __init__(self) -> None:
        super().__init__("http://nowhere", "t", "main")
        self.rows: list[Any] = []
        self.lose_answers = 0
        self.is_away = False

    def request(self, method: str, path: str, **options: Any) -> Answer:
        if self.is_away:
            raise ServiceException("away")
        body = options["json"]
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
        return Answer(200, {}, b"{}")


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


class Number:
    """As a scalar of numpy looks."""

    ndim = 0

    def __init__(self, value: object) -> None:
        self._value = value

    def item(self) -> object:
        return self._value


Number.__module__ = "numpy"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1, {"value": 1}),
        (True, {"value": True}),
        (None, {"value": None}),
        ("text", {"value": "text"}),
        (Number(3), {"value": 3}),
        (Number(0.5), {"value": 0.5}),
        (float("nan"), {"valueText": "NaN"}),
        (float("-inf"), {"valueText": "-Infinity"}),
        (2**70, {"value": float(2**70)}),
        ({"a": 1}, {"value": "{'a': 1}"}),
        ("nul\0 \ud800", {"value": "nul\N{REPLACEMENT CHARACTER} ?"}),
    ],
)
def test_each_value_becomes_json(value: object, told: dict[str, Any]) -> None:
    kept = _values.scalar("m", value, description="", step=None)
    assert {k: v for k, v in kept.items() if k in ("value", "valueText")} == told
    json.dumps(kept, allow_nan=False)


@pytest.mark.parametrize("value", [[1], (1,), range(3), iter([1]), {1}])
def test_a_series_is_not_one_value(value: object) -> None:
    with pytest.raises(UserErrorException, match="takes one value"):
        _values.scalar("m", value, description="", step=None)


@pytest.mark.parametrize(
    ("name", "step"), [("", None), ("x" * 256, None), ("m", 1.5), ("m", 2**63)]
)
def test_a_name_or_step_that_cannot_be_kept_is_refused(name: str, step: Any) -> None:
    with pytest.raises(UserErrorException):
        _values.scalar(name, 1, description="", step=step)
