"""A reader who does what a page says, block after block, in one folder with one Python."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.cli.main import main
from studio.sdk import Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess
from tests.docs.blocks import Block
from tests.packaging.places import ROOT

# What the pages say of a studio, in place of the one that is there.
SAID_URL, SAID_TOKEN, SAID_RUN = "http://127.0.0.1:8000", "stu_your_token", "RUN_ID"
_SHELL = re.compile(r"[|&;<>$`]|^(?!(\.venv/bin/)?studio )", re.MULTILINE)
_SECONDS = 60
_ALIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Reader:
    """Does what blocks say. What was shown by the last one is in ``shown``."""

    def __init__(self, studio: StudioProcess, folder: Path) -> None:
        self._studio = studio
        self._folder = folder
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._commands = folder.parent / "bin"
        self._commands.mkdir()
        self._shim("python", f'exec {shlex.quote(sys.executable)} "$@"')
        self._shim("studio", f'exec {shlex.quote(sys.executable)} -m studio.cli.main "$@"')
        self.shown = ""

    def connect(self) -> None:
        """Connect the folder, as the demo does with its own before somebody reads on."""
        assert main(["login", self._studio.url, "--token", TOKEN]) == 0
        Workspace.get().write_config()

    def follow(self, block: Block) -> None:
        """Do what a block says; what is shown must be what the page shows."""
        text = self._meant(block.text)
        if block.file:
            path = self._folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif block.is_run:
            do = self._python if block.language == "python" else self._sh
            self.shown = self._unmeant(self._shown_by(do, text, block))
        elif block.language == "text" and not block.is_marked:
            alike = doctest.OutputChecker().check_output(block.text, self.shown, _ALIKE)
            assert alike, f"{block.where} says\n{block.text}\nbut this was shown:\n{self.shown}"

    def _shown_by(self, do: Callable[[str, str], None], text: str, block: Block) -> str:
        shown = io.StringIO()
        try:
            with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
                do(text, block.where)
        except BaseException as error:
            raise AssertionError(f"{block.where}: {error!r} after\n{shown.getvalue()}") from error
        return shown.getvalue()

    def _python(self, text: str, where: str) -> None:
        exec(compile(text, where, "exec"), self._names)

    def _sh(self, text: str, where: str) -> None:
        lines = text.replace("\\\n", " ")
        if _SHELL.search(lines.strip()):
            print(self._shell(lines), end="")
            return
        for line in lines.strip().splitlines():
            words = shlex.split(line)[1:]
            try:
                code = main(words)
            except SystemExit as ended:
                code = int(ended.code or 0)
            assert code == 0, f"{line}: exit code {code}"

    def _shell(self, text: str) -> str:
        environment = {
            **os.environ,
            "PATH": f"{self._commands}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(self._folder.parent),
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self._folder, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"exit code {done.returncode}: {done.stdout}"
        return done.stdout

    def _shim(self, name: str, line: str) -> None:
        path = self._commands / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def _meant(self, text: str) -> str:
        run = self._names.get("run")
        text = text.replace(SAID_URL, self._studio.url).replace(SAID_TOKEN, TOKEN)
        return text.replace(SAID_RUN, run.id) if run is not None else text

    def _unmeant(self, text: str) -> str:
        return text.replace(self._studio.url, SAID_URL).replace(TOKEN, SAID_TOKEN)
