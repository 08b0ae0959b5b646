"""The small parts of which ``up`` is made."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest
from django.conf import LazySettings

from runs.actions import tokens
from runs.management import handover, prepare
from runs.management.address import Address
from runs.management.children import Child, stop_all
from runs.management.connecting import connect_folder
from runs.management.first_start import find_or_make_home, fresh_agent_token
from runs.management.lock import hold
from runs.management.plan import Plan, Program
from runs.management.refusal import StartError
from runs.models import ApiToken, ComputeTarget, User, Workspace
from tests.acceptance.studio_process import wait_for


@pytest.mark.parametrize(
    ("host", "url", "is_loopback"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", True),
        ("localhost", "http://localhost:8000", True),
        ("::1", "http://[::1]:8000", True),
        ("0.0.0.0", "http://127.0.0.1:8000", False),
        ("::", "http://[::1]:8000", False),
        ("192.0.2.1", "http://192.0.2.1:8000", False),
    ],
)
def test_an_address_has_a_link_that_works_here(host: str, url: str, is_loopback: bool) -> None:
    address = Address(host, 8000)
    assert address.url == url
    assert address.is_loopback is is_loopback


def test_the_lock_is_free_again_afterwards(tmp_path: Path) -> None:
    first = hold(tmp_path)
    with pytest.raises(StartError, match=str(os.getpid())):
        hold(tmp_path)
    os.close(first)
    os.close(hold(tmp_path))
    assert (tmp_path / "studio.lock").read_text() == str(os.getpid())


def test_a_plan_is_taken_over_whole(tmp_path: Path) -> None:
    program = Program("web server", ["web", "é"], {"A": "b"})
    lock = hold(tmp_path)
    plan = Plan("::1", 8000, "/", lock, "Hello.", program, [program], program, "/done")
    os.set_inheritable(lock, True)
    handle = handover.write(plan)
    assert Plan.taken_over(handle) == plan
    assert not os.get_inheritable(lock), "a child would hold the data folder"
    os.close(lock)


@pytest.mark.django_db
def test_the_first_start_makes_a_home_and_the_second_finds_it() -> None:
    first = find_or_make_home("stu_" + "d" * 43)
    assert find_or_make_home("stu_" + "e" * 43) == first
    assert (User.objects.count(), Workspace.objects.count()) == (1, 1)
    assert not first.owner.has_usable_password()
    assert ComputeTarget.objects.get().max_runs >= 2
    assert tokens.find("stu_" + "d" * 43) is not None
    assert tokens.find("stu_" + "e" * 43) is None


@pytest.mark.django_db
def test_a_refused_bootstrap_token_leaves_nothing_half_made() -> None:
    with pytest.raises(StartError, match="STUDIO_BOOTSTRAP_TOKEN"):
        find_or_make_home("secret")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_each_start_ends_the_agents_old_token() -> None:
    home = find_or_make_home()
    old, new = fresh_agent_token(home), fresh_agent_token(home)
    live = [token for token in ApiToken.objects.all() if token.is_live]
    assert [token.digest for token in live] == [tokens.digest_of(new)]
    assert tokens.digest_of(old) != tokens.digest_of(new)


@pytest.mark.django_db
def test_a_folder_keeps_its_token_while_that_is_good(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.DATA_DIR.mkdir()
    home = find_or_make_home()
    token = connect_folder(tmp_path, home, "http://127.0.0.1:1")
    assert connect_folder(tmp_path, home, "http://127.0.0.1:2") == token
    config = json.loads((tmp_path / ".studio" / "config.json").read_text())
    assert config["url"] == "http://127.0.0.1:2"
    found = tokens.find(token)
    assert found is not None
    tokens.revoke(found)
    assert connect_folder(tmp_path, home, "http://127.0.0.1:2") != token


def test_static_files_are_collected_only_when_one_changed(
    tmp_path: Path, settings: LazySettings
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a {}")
    settings.DATA_DIR.mkdir()
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "collected"
    assert prepare.collect_static()
    assert not prepare.collect_static()
    (source / "b.css").write_text("b {}")
    assert prepare.collect_static()
    assert (tmp_path / "collected" / "b.css").exists()


def test_a_child_that_falls_starts_again_ever_later(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    child = Child(Program("thing", command, dict(os.environ)), tmp_path)
    child.start()
    first = wait_for(child.look_after, seconds=10, what="the first fall")
    assert first == "The thing ended (exit code 3); it starts again in 0.5 s."
    assert child.look_after() == ""
    assert child.pid is None, "it started again before its time"
    second = wait_for(child.look_after, seconds=10, what="the second fall")
    assert second == "The thing ended (exit code 3); it starts again in 1 s."


def test_children_that_do_not_listen_are_killed_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.management.children.STOP_SECONDS", 0.5)
    deaf = (
        "import signal, time, pathlib, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
    )
    children = []
    for name in ("one", "two"):
        command = [sys.executable, "-c", deaf, name]
        children.append(Child(Program(name, command, dict(os.environ)), tmp_path))
        children[-1].start()
        wait_for((tmp_path / name).exists, seconds=10, what=name)
    pids = [child.pid for child in children]
    began = time.monotonic()
    stop_all(children)
    assert time.monotonic() - began < 5
    assert all(pid and not Path(f"/proc/{pid}").exists() for pid in pids)
