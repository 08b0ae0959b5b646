"""What stands in a backup, and under which name.

A tar file: ``manifest.json`` first, then database, secret key, contents and logs, and
``complete.json`` last, so that a file that was cut off is known as such.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

FORMAT = 1
MANIFEST, COMPLETE, SECRET = "manifest.json", "complete.json", "secret_key"
DATABASES = {"sqlite": "studio.sqlite3", "postgresql": "database.dump"}
_BLOB = re.compile(r"blobs/\d{1,19}/[0-9a-f]{2}/([0-9a-f]{64})")
_LOG = re.compile(r"logs/\d{1,19}/\d{1,19}/[0-9a-f]{32}")
_TIMES = re.compile(rf"{_LOG.pattern}\.times")


class BackupError(Exception):
    """One sentence for the person at the terminal: what is wrong, and the way out."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself: which studio made it, of which database, when."""

    format: int
    version: str
    database: str
    made_at: str

    def written(self) -> bytes:
        """Return it as it stands in the file."""
        return json.dumps(asdict(self), indent=2).encode()

    @classmethod
    def read(cls, data: bytes) -> Manifest:
        """Return the manifest in these bytes. Raises ``BackupError`` for what is none of ours."""
        try:
            manifest = cls(**json.loads(data))
        except (ValueError, TypeError):
            raise BackupError("This is no backup of a studio.") from None
        if manifest.format != FORMAT or manifest.database not in DATABASES:
            raise BackupError(
                f"This backup was made by Run Studio {str(manifest.version)[:40]}, which keeps it "
                "in a form that is not known here. Restore it with that version."
            )
        return manifest


@dataclass(slots=True)
class Counts:
    """How much a backup holds; ``missing`` are files that the database names and the disk lacks."""

    contents: int = 0
    logs: int = 0
    bytes: int = 0
    missing: int = 0

    def __str__(self) -> str:
        lacking = f"; {self.missing:,} files that it names were not on disk" if self.missing else ""
        return f"{self.contents:,} contents, {self.logs:,} logs, {self.bytes:,} bytes{lacking}"


def content_in(name: str) -> str | None:
    """Return the sha256 that a member of this name holds the content of."""
    found = _BLOB.fullmatch(name)
    return found.group(1) if found else None


def is_log(name: str) -> bool:
    """Whether a member of this name holds the bytes of a log."""
    return bool(_LOG.fullmatch(name))


def belongs(name: str) -> bool:
    """Whether a backup may have a member of that name."""
    fixed = {SECRET, COMPLETE, *DATABASES.values()}
    return name in fixed or any(p.fullmatch(name) for p in (_BLOB, _LOG, _TIMES))
