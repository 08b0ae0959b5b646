"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: ``fail`` is broken, ``warn`` works and should not stay so."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what it is, how it is, and what to do about it, in words."""

    about: str
    level: Level
    says: str
    mend: str = ""


def good(about: str, says: str) -> Finding:
    """Return that this is as it should be."""
    return Finding(about, Level.OK, says)


def poor(about: str, says: str, mend: str) -> Finding:
    """Return that this works and should be mended."""
    return Finding(about, Level.WARN, says, mend)


def broken(about: str, says: str, mend: str) -> Finding:
    """Return that this does not work."""
    return Finding(about, Level.FAIL, says, mend)
