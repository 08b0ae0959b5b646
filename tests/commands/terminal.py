"""A terminal in which somebody typed ``manage.py …``, in a folder of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import urllib3

from tests.acceptance.studio_process import ROOT, wait_for

TOKEN = "stu_" + "b" * 43


class Terminal:
    """Runs one management command on the data folder ``folder/var``."""

    def __init__(self, folder: Path, *arguments: object, **environment: str) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("STUDIO_")}
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        self.data_dir = folder / "var"
        self._output = folder / f"output-{time.monotonic_ns()}.txt"
        self.began = time.monotonic()
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)],
                cwd=folder,
                env={**kept, "STUDIO_DATA_DIR": str(self.data_dir), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self._output.read_text()

    def wait_for_text(self, part: str, *, seconds: float = 30) -> str:
        def look() -> str:
            assert self.process.poll() is None or part in self.text, self.text
            return self.text if part in self.text else ""

        return wait_for(look, seconds=seconds, what=f"{part!r} in the terminal")

    def sign_in_link(self) -> str:
        links: list[str] = re.findall(r"http://\S+/sign-in/\S+/", self.wait_for_text("/sign-in/"))
        return links[-1]

    def end(self) -> int:
        """Wait for it to end by itself; return its exit code."""
        return self.process.wait(timeout=30)

    def stop(self) -> float:
        """Stop it as ``kill`` does; return how many seconds that took."""
        asked = time.monotonic()
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(timeout=15)
        return time.monotonic() - asked

    def children(self) -> list[int]:
        """Return the processes below it."""
        return descendants(self.process.pid)


def descendants(pid: int) -> list[int]:
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found: list[int] = []
    level = {pid}
    while level:
        level = {child for child, parent in parents.items() if parent in level}
        found += sorted(level)
    return found


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def memory_of(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def status_of(url: str, *, token: str = "") -> int:
    """Return the HTTP status of a GET, 0 when nobody answers."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        return urllib3.request("GET", url, headers=headers, retries=False, timeout=5).status
    except urllib3.exceptions.HTTPError:
        return 0


def until(look: Callable[[], bool], what: str, *, seconds: float = 10) -> None:
    wait_for(look, seconds=seconds, what=what)
