"""The run's own folder on this machine, and who is at work in it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.contract.launch import LaunchSpec
from studio.sdk._transport import Transport

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Names in the folder of one run."""

    path: Path

    @property
    def spec(self) -> Path:
        """What to start. Holds the run's token, so only its owner reads it."""
        return self.path / "spec.json"

    @property
    def code(self) -> Path:
        """The source; the script works here."""
        return self.path / "code"

    @property
    def spool(self) -> Path:
        """What is not delivered yet."""
        return self.path / "spool"

    @property
    def output(self) -> Path:
        """What the script prints."""
        return self.path / "std_log.txt"

    @property
    def journal(self) -> Path:
        """What the runner says about its work."""
        return self.path / "runner.txt"

    @property
    def status(self) -> Path:
        """Who is at work here; see ``write_status``."""
        return self.path / "status.json"

    def read_spec(self) -> LaunchSpec:
        """Return what to start. Raises ``ValueError`` or ``OSError``."""
        return LaunchSpec.from_json(self.spec.read_text())

    def transport(self, spec: LaunchSpec) -> Transport:
        """Return the way to the studio, with the run's own token. It does not wait for an answer."""
        return Transport(spec.url, spec.token, spec.workspace, patience=0)

    def follow(self, transport: Transport) -> None:
        """Speak to where the studio is now: it may have been started at another address."""
        with contextlib.suppress(OSError, ValueError):
            transport.url = self.read_spec().url

    def write_address(self, url: str) -> None:
        """Keep where the studio is now."""
        spec = self.read_spec()
        if spec.url != url:
            write_whole(self.spec, dataclasses.replace(spec, url=url).to_json())

    def write_status(self, **told: Any) -> None:
        """Add to what is known about the processes here, whole or not at all."""
        write_whole(self.status, json.dumps({**self.read_status(), **told}))

    def read_status(self) -> dict[str, Any]:
        """Return what is known about the processes here; empty before the first word."""
        try:
            told: dict[str, Any] = json.loads(self.status.read_text())
        except (OSError, ValueError):
            return {}
        return told


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file so that a reader, or a crash, sees all of it or what was there before."""
    draft = path.with_name(f"{path.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
