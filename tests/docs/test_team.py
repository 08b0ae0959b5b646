"""*Run it for a team*: its files are used here, by the programs that they are for."""

from __future__ import annotations

import contextlib
import getpass
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.acceptance.studio_process import ROOT, TOKEN, StudioProcess, free_port, wait_for
from tests.benchmarks import postgresql
from tests.docs.blocks import blocks_of
from tests.packaging.places import clean_environment

pytestmark = pytest.mark.acceptance
FILES = {b.file: b.text for b in blocks_of(ROOT / "templates" / "docs" / "team.md") if b.file}
HOST = "runs.example.org"
Ask = Callable[..., urllib3.BaseHTTPResponse]


def needed(*programs: str) -> pytest.MarkDecorator:
    missing = [name for name in programs if shutil.which(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not on this machine: {', '.join(missing)}")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """A studio with the settings of the page."""
    told = dict(line.split("=", 1) for line in FILES["run-studio.env"].splitlines())
    del told["STUDIO_DATA_DIR"]
    studio = StudioProcess(tmp_path_factory.mktemp("team") / "var", environment=told)
    studio.start()
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for the name on the page, of no authority."""
    folder = tmp_path_factory.mktemp("tls")
    chain, key = folder / "fullchain.pem", folder / "privkey.pem"
    line = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=runs.example.org"
    more = ["-addext", f"subjectAltName=DNS:{HOST}", "-keyout", str(key), "-out", str(chain)]
    subprocess.run([*line.split(), *more], check=True, capture_output=True)
    return chain, key


@contextlib.contextmanager
def running(*command: str, port: int, folder: Path) -> Iterator[None]:
    """Run a proxy until the end of the block."""
    output = folder / "output.txt"
    with output.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env={**os.environ, "HOME": str(folder)}
        )
    try:

        def is_up() -> bool:
            assert process.poll() is None, output.read_text()
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                urllib3.PoolManager(retries=False).request("GET", f"http://127.0.0.1:{port}/")
                return True
            return False

        wait_for(is_up, seconds=30, what=command[0])
        yield
    finally:
        process.terminate()
        process.wait(15)


def asking(port: int, chain: Path) -> Ask:
    pool = urllib3.HTTPSConnectionPool(
        "127.0.0.1",
        port,
        ca_certs=str(chain),
        server_hostname=HOST,
        assert_hostname=HOST,
        retries=False,
        timeout=30,
    )

    def ask(method: str, path: str, **more: Any) -> urllib3.BaseHTTPResponse:
        headers = {"Host": HOST, **more.pop("headers", {})}
        return pool.request(method, path, headers=headers, redirect=False, **more)

    return ask


def check(ask: Ask, studio: StudioProcess) -> None:
    """Do through a proxy what people and scripts do."""
    page = ask("GET", "/sign-in/")
    assert page.status == 200
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-csrf")
    assert "Secure" in cookie
    bearer = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    made = ask(
        "POST", "/api/v1/workspaces/main/runs", body=b'{"experimentName": "e"}', headers=bearer
    )
    assert made.status == 201, made.data
    place = f"/api/v1/workspaces/main/runs/{made.json()['runId']}/files/outputs/big.bin"
    big = os.urandom(1024) * 5_000
    binary = {**bearer, "Content-Type": "application/octet-stream"}
    assert ask("PUT", place, body=big, headers=binary).status == 201
    assert ask("GET", place, headers=bearer).data == big
    spoofed = {**bearer, "X-Forwarded-For": "6.6.6.6", "X_Forwarded_For": "6.6.6.6"}
    assert ask("GET", "/api/v1/workspaces/main/export", headers=spoofed).status == 200
    with contextlib.closing(sqlite3.connect(studio.data_dir / "studio.sqlite3")) as rows:
        told = rows.execute(
            "SELECT DISTINCT address FROM runs_auditevent WHERE verb = 'runs.export'"
        )
        assert told.fetchall() == [("127.0.0.1",)]
    figures = {"Authorization": "Bearer what-only-prometheus-knows"}
    assert b"studio_requests_total" in ask("GET", "/metrics", headers=figures).data


@needed("nginx", "openssl")
def test_people_come_in_through_nginx(
    studio: StudioProcess, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    plain, secure = free_port(), free_port()
    chain, key = certificate
    site = FILES["nginx.conf"]
    for said, here in {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{secure} ssl;",
        "/etc/ssl/run-studio/fullchain.pem": str(chain),
        "/etc/ssl/run-studio/privkey.pem": str(key),
        "127.0.0.1:8000": f"127.0.0.1:{studio.port}",
    }.items():
        assert said in site
        site = site.replace(said, here)
    (tmp_path / "nginx.conf").write_text(
        # What a slow reader has not taken yet lies in this folder, which is its owner's alone.
        f"{'' if os.getuid() else 'user root;'}\npid {tmp_path}/pid;\nerror_log stderr;\n"
        "events {}\nhttp {\naccess_log off;\n"
        f"client_body_temp_path {tmp_path}/body;\nproxy_temp_path {tmp_path}/proxy;\n{site}}}\n"
    )
    command = ("nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", "stderr")
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    with running(*command, "-g", "daemon off;", port=plain, folder=tmp_path):
        answer = urllib3.PoolManager(retries=False).request(
            "GET", f"http://127.0.0.1:{plain}/w/main/", headers={"Host": HOST}, redirect=False
        )
        assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/w/main/")
        check(asking(secure, chain), studio)


@needed("caddy", "openssl")
def test_people_come_in_through_caddy(
    studio: StudioProcess, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    plain, secure = free_port(), free_port()
    chain, key = certificate
    site = FILES["Caddyfile"].replace("127.0.0.1:8000", f"127.0.0.1:{studio.port}")
    site = site.replace(f"{HOST} {{", f"{HOST} {{\n\ttls {chain} {key}", 1)
    told = f"{{\n\tadmin off\n\thttp_port {plain}\n\thttps_port {secure}\n}}\n"
    file = tmp_path / "Caddyfile"
    file.write_text(told + site)
    names = ("--config", str(file), "--adapter", "caddyfile")
    with running("caddy", "run", *names, port=plain, folder=tmp_path):
        check(asking(secure, chain), studio)


def unit(name: str, folder: Path) -> str:
    """Return a unit as it would be on this machine."""
    told = FILES[name].replace("/srv/run-studio/venv/bin/python", sys.executable)
    told = told.replace("/srv/run-studio/source", str(ROOT))
    return told.replace("/srv/run-studio/", f"{folder}/").replace("=/srv/run-studio", f"={folder}")


@needed("systemd-analyze")
def test_systemd_can_read_the_units(tmp_path: Path) -> None:
    names = [name for name in FILES if name.endswith((".service", ".timer"))]
    assert len(names) == 3
    me = f"User={getpass.getuser()}"
    for name in names:
        (tmp_path / name).write_text(unit(name, tmp_path).replace("User=run-studio", me))
    paths = [str(tmp_path / name) for name in names]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    (when,) = [
        line for line in FILES["run-studio-backup.timer"].splitlines() if "OnCalendar" in line
    ]
    subprocess.run(
        ["systemd-analyze", "calendar", when.split("=")[1]], check=True, capture_output=True
    )


def test_the_backup_of_the_timer_is_made(studio: StudioProcess, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "studio-old.tar").write_bytes(b"")
    os.utime(tmp_path / "backups" / "studio-old.tar", (0, 0))
    lines = dict(
        line.split("=", 1)
        for line in unit("run-studio-backup.service", tmp_path).splitlines()
        if "=" in line
    )
    for name in ("ExecStart", "ExecStartPost"):
        # As systemd reads it.
        words = shlex.split(lines[name].replace("$$", "$").replace("%%", "%"))
        told = {**clean_environment(), "STUDIO_DATA_DIR": str(studio.data_dir)}
        subprocess.run(words, check=True, env=told, capture_output=True)
    (made,) = (tmp_path / "backups").iterdir()
    assert made.name != "studio-old.tar"
    assert made.stat().st_size > 10_000


@pytest.mark.skipif(not postgresql.is_here(), reason="PostgreSQL is not on this machine")
def test_the_owner_of_a_database_is_enough_for_a_studio(tmp_path: Path) -> None:
    with postgresql.for_a_while("postgres") as url:
        admin = url.format("postgres").replace("postgres:///", "postgresql:///")
        for line in ("CREATE ROLE studio LOGIN", "CREATE DATABASE studio OWNER studio"):
            subprocess.run(["psql", admin, "-qc", line], check=True, capture_output=True)
        database = url.format("studio").replace("user=postgres", "user=studio")
        studio = StudioProcess(tmp_path / "var", environment={"DATABASE_URL": database})
        try:
            studio.start()
            run = studio.api("POST", "/workspaces/main/runs", {"experimentName": "e"})
            assert studio.run(run["runId"])["status"]
        finally:
            studio.stop()
