"""Logs of a run have so many bytes at most: more is taken, not kept, and said."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client

from runs.access import Actor
from runs.actions import lifecycle, logs
from runs.models import LogFile, Run, User
from runs.stores import logs as store
from tests.api.conftest import caller
from tests.conftest import AddLog

LOG = "user_logs/std_log.txt"
LAST = b"[studio] Nothing more is kept: the logs of a run may have 100 bytes. The run goes on.\n"


@pytest.fixture
def _most(settings: LazySettings) -> None:
    settings.LOG_BYTES_PER_RUN = 100


def kept(run: Run, path: str = LOG) -> bytes:
    return b"".join(store.stream(LogFile.objects.get(run=run, path=path)))


def add(run: Run, by: User, data: bytes, at: int = 0, path: str = LOG) -> tuple[int, bool]:
    received, log = logs.append(
        run, by=Actor.of_user(by), path=path, session="s", sequence=at, data=data
    )
    return received, log.is_full


@pytest.mark.usefixtures("_most")
def test_what_just_fits_is_kept_whole(run: Run, alice: User) -> None:
    assert add(run, alice, b"x" * 100) == (100, False)
    assert kept(run) == b"x" * 100
    run.refresh_from_db()
    assert run.warnings == []


@pytest.mark.usefixtures("_most")
def test_one_byte_more_is_not_kept_and_the_last_line_says_so(run: Run, alice: User) -> None:
    assert add(run, alice, b"x" * 101) == (101, True)
    assert kept(run) == b"x" * 100 + b"\n" + LAST
    log = LogFile.objects.get(run=run)
    assert (log.size, log.lines) == (100 + 1 + len(LAST), 2)
    run.refresh_from_db()
    (warning,) = run.warnings
    assert warning["source"] == "log"
    assert "100 bytes" in warning["message"]


@pytest.mark.usefixtures("_most")
def test_what_comes_afterwards_is_taken_and_forgotten(run: Run, alice: User) -> None:
    add(run, alice, b"x" * 99 + b"\n" + b"more")
    before = kept(run)
    assert before == b"x" * 99 + b"\n" + LAST
    for at in range(104, 1_004, 100):
        assert add(run, alice, b"y" * 100, at) == (at + 100, True)
    assert kept(run) == before
    # What is sent again is counted once.
    assert add(run, alice, b"y" * 100, 904) == (1_004, True)
    lifecycle.complete(run, by=Actor.of_user(alice))
    run.refresh_from_db()
    assert run.status == "Completed"
    assert len(run.warnings) == 1


@pytest.mark.usefixtures("_most")
def test_all_logs_of_a_run_count_together_and_each_says_that_it_was_cut(
    run: Run, make_run: Callable[..., Run], alice: User
) -> None:
    add(run, alice, b"a" * 60, path="logs/a.txt")
    add(run, alice, b"b" * 60, path="logs/b.txt")
    add(run, alice, b"c" * 60, path="logs/c.txt")
    assert kept(run, "logs/a.txt") == b"a" * 60
    assert kept(run, "logs/b.txt") == b"b" * 40 + b"\n" + LAST
    assert kept(run, "logs/c.txt") == b"\n" + LAST
    other = make_run(start=True)
    assert add(other, alice, b"x" * 100) == (100, False)


@pytest.mark.usefixtures("_most")
def test_the_api_says_that_a_log_is_full(
    run: Run, alice: User, token_of: Callable[[User], str]
) -> None:
    place = f"/workspaces/main/runs/{run.run_id}/logs/{LOG}?session=s&sequence="
    call = caller(token_of(alice))
    told = [json.loads(call("POST", f"{place}{at}", b"x" * 100).content) for at in (0, 100)]
    assert [(each["received"], each["full"]) for each in told] == [(100, False), (200, True)]


@pytest.mark.usefixtures("_most")
def test_the_page_of_a_log_says_that_it_was_cut(
    run: Run, alice: User, add_log: AddLog, client: Client
) -> None:
    client.force_login(alice)
    place = f"/w/main/runs/{run.run_id}/logs/?file={LOG}"
    add_log(run, "x" * 100)
    assert b"not kept to its end" not in client.get(place).content
    add_log(run, "y")
    shown = client.get(place).content.decode()
    assert "not kept to its end: the logs of a run may have 100 bytes together" in shown
    assert "[studio] Nothing more is kept" in shown


@pytest.mark.parametrize(
    ("most", "said"),
    [(100, "100 bytes"), (1_500, "1.5 kB"), (4_000_000_000, "4 GB"), (200_000_000, "200 MB")],
)
def test_a_size_is_said_as_people_do(settings: LazySettings, most: int, said: str) -> None:
    settings.LOG_BYTES_PER_RUN = most
    assert logs.most_bytes() == said
