"""``manage.py up``, as somebody at a terminal sees it."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.studio_process import ROOT, free_port
from tests.commands.terminal import TOKEN, Terminal, is_running, memory_of, status_of, until

MEMORY_MB = 250
STOP_SECONDS = 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def studio(folder: Path, port: int) -> Iterator[Terminal]:
    terminal = Terminal(folder, "up", "--port", port, STUDIO_BOOTSTRAP_TOKEN=TOKEN)
    terminal.sign_in_link()
    yield terminal
    terminal.stop()


def test_it_answers_when_it_prints_the_link(studio: Terminal, port: int) -> None:
    assert studio.sign_in_link().startswith(f"http://127.0.0.1:{port}/sign-in/")
    assert status_of(f"http://127.0.0.1:{port}/healthz") == 200


def test_only_the_account_that_runs_it_reads_its_secrets(studio: Terminal) -> None:
    assert stat.S_IMODE(studio.data_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((studio.data_dir / "secret_key").stat().st_mode) == 0o600


def test_the_bootstrap_token_opens_the_api(studio: Terminal, port: int) -> None:
    workspaces = f"http://127.0.0.1:{port}/api/v1/workspaces/main/compute/studio-local"
    assert status_of(workspaces, token=TOKEN) == 200
    assert status_of(workspaces, token="stu_" + "x" * 43) == 401


def test_the_agent_does_not_know_what_opens_the_studio(studio: Terminal) -> None:
    agents = [pid for pid in studio.children() if b"studio.compute.agent" in _command(pid)]
    assert len(agents) == 1
    environment = Path(f"/proc/{agents[0]}/environ").read_bytes()
    assert b"STUDIO_BOOTSTRAP_TOKEN" not in environment
    assert TOKEN.encode() not in environment


def test_all_processes_together_are_small(
    studio: Terminal, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(20):
        assert status_of(f"http://127.0.0.1:{port}/healthz") == 200
    sizes = {pid: memory_of(pid) for pid in [studio.process.pid, *studio.children()]}
    with capsys.disabled():
        print(f"\nmemory idle: {sum(sizes.values()):.0f} MB in {len(sizes)} processes")
    assert sum(sizes.values()) < MEMORY_MB


def test_a_second_one_on_the_same_folder_names_the_first(studio: Terminal, folder: Path) -> None:
    second = Terminal(folder, "up", "--port", free_port())
    assert second.end() == 1
    assert second.text.count("\n") == 1
    assert f"(process {studio.process.pid})" in second.text
    assert "STUDIO_DATA_DIR" in second.text


def test_a_web_server_that_dies_is_started_again(studio: Terminal, port: int) -> None:
    web = next(pid for pid in studio.children() if b"runs.management.web" in _command(pid))
    os.kill(web, signal.SIGKILL)
    studio.wait_for_text("The web server ended (signal SIGKILL)")
    until(lambda: status_of(f"http://127.0.0.1:{port}/healthz") == 200, "the web server")
    assert web not in studio.children()


def test_a_port_in_use_gives_one_sentence_with_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        terminal = Terminal(tmp_path, "up", "--port", port)
        assert terminal.end() == 1
    assert terminal.text.startswith(f"Port {port} on 127.0.0.1 is in use")
    assert "--port " in terminal.text
    assert terminal.text.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "99999"], "a port is a number from 1 to 65535"),
        (["--port", "web"], "a port is a number from 1 to 65535"),
        (["--host", "203.0.113.7"], '"203.0.113.7" is no address of this machine'),
        (["--host", "no such host"], '"no such host" is no address of this machine'),
    ],
)
def test_it_refuses_an_address_that_is_none(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    terminal = Terminal(tmp_path, "up", *arguments)
    assert terminal.end() != 0
    assert sentence in terminal.text
    assert "Traceback" not in terminal.text


def test_where_others_reach_it_nobody_finds_it_open(tmp_path: Path) -> None:
    first = Terminal(tmp_path, "up", "--host", "0.0.0.0", "--port", free_port())
    assert first.end() == 1
    assert first.text.startswith("Others can reach 0.0.0.0, and nobody here has a password yet")
    assert "manage.py password" in first.text
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "password"],
        env={"PATH": os.environ["PATH"], "STUDIO_DATA_DIR": str(first.data_dir)},
        input="seven quiet otters\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "signs in with the new password" in done.stdout
    second = Terminal(tmp_path, "up", "--host", "0.0.0.0", "--port", free_port())
    try:
        second.sign_in_link()
    finally:
        second.stop()


def test_it_refuses_a_bootstrap_token_that_is_too_weak(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "up", "--port", free_port(), STUDIO_BOOTSTRAP_TOKEN="secret")
    assert terminal.end() == 1
    assert terminal.text.startswith("STUDIO_BOOTSTRAP_TOKEN: ")
    assert "Traceback" not in terminal.text


def test_it_stops_at_once_and_leaves_nothing_running(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "up", "--port", free_port())
    terminal.sign_in_link()
    children = terminal.children()
    assert len(children) >= 3
    assert terminal.stop() < STOP_SECONDS
    assert terminal.process.returncode == 0
    assert "Runs in progress go on" in terminal.text
    assert not any(is_running(pid) for pid in children)


def test_ctrl_c_stops_it_without_a_word_of_python(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "up", "--port", free_port())
    terminal.sign_in_link()
    children = terminal.children()
    os.killpg(terminal.process.pid, signal.SIGINT)
    assert terminal.end() == 0
    assert "Traceback" not in terminal.text
    assert not any(is_running(pid) for pid in children)


def test_a_killed_studio_leaves_nothing_running(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "up", "--port", free_port())
    terminal.sign_in_link()
    children = terminal.children()
    terminal.process.kill()
    terminal.process.wait()
    until(lambda: not any(is_running(pid) for pid in children), "web and agent to end")


def test_a_second_start_keeps_everything_and_gives_a_new_link(tmp_path: Path) -> None:
    port = free_port()
    first = Terminal(tmp_path, "up", "--port", port, STUDIO_BOOTSTRAP_TOKEN=TOKEN)
    link = first.sign_in_link()
    key = (first.data_dir / "secret_key").read_text()
    first.stop()
    other = "stu_" + "c" * 43
    second = Terminal(tmp_path, "up", "--port", port, STUDIO_BOOTSTRAP_TOKEN=other)
    try:
        assert second.sign_in_link() != link
        assert (second.data_dir / "secret_key").read_text() == key
        workspaces = f"http://127.0.0.1:{port}/api/v1/workspaces"
        assert status_of(workspaces, token=TOKEN) == 200
        assert status_of(workspaces, token=other) == 401
    finally:
        second.stop()


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_data_folder_that_cannot_be_used_gives_one_sentence(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.touch()
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "STUDIO_DATA_DIR": str(taken)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
