"""What the supervisor is to start, handed over by the command that prepared it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Program:
    """One program with all its environment; ``name`` is for people.

    ``hears_terminal`` is for a program that ends in good order by itself at Ctrl-C; the others are
    spared it and stopped by the supervisor.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    hears_terminal: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A studio that is ready to start.

    ``greeting`` is printed once it answers. ``errand`` is run once after that; ``errand_done`` is
    the file that says that it need not run again. ``folder`` is where programs start. ``lock`` is
    the open file that holds the data folder.
    """

    host: str
    port: int
    folder: str
    lock: int
    greeting: str
    web: Program
    others: list[Program] = field(default_factory=list)
    errand: Program | None = None
    errand_done: str = ""

    @classmethod
    def taken_over(cls, handle: int) -> Plan:
        """Return the plan in an open file, and close it."""
        os.lseek(handle, 0, os.SEEK_SET)
        with os.fdopen(handle, "rb") as file:
            values = json.load(file)
        # Our children must not hold the data folder when we no longer do.
        os.set_inheritable(values["lock"], False)
        errand = values.pop("errand")
        return cls(
            **values
            | {
                "web": Program(**values["web"]),
                "others": [Program(**other) for other in values["others"]],
                "errand": Program(**errand) if errand else None,
            }
        )

    @property
    def place(self) -> Path:
        """The folder where programs start."""
        return Path(self.folder)
