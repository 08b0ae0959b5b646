"""Which files of a folder are not source: ignore files, in the language of .gitignore."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from studio.contract import places

if TYPE_CHECKING:
    from pathlib import Path

# Never source, whatever the ignore file says.
_NEVER = re.compile(
    r"(^|/)(\.git|\.studio|\.venv|__pycache__|\.ipynb_checkpoints|\.mypy_cache|\.pytest_cache)(/|$)"
)


class Rules:
    """The rules of ``.amlignore``, or of ``.gitignore`` where there is no ``.amlignore``."""

    def __init__(self, lines: list[str]) -> None:
        parsed = (_rule(line.rstrip("\n")) for line in lines)
        self._rules = [rule for rule in parsed if rule is not None]

    @classmethod
    def of(cls, folder: Path) -> Rules:
        """Return the rules of a folder."""
        for name in (places.AML_IGNORE, places.GIT_IGNORE):
            file = folder / name
            if file.is_file():
                return cls(file.read_text(encoding="utf-8", errors="replace").splitlines())
        return cls([])

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether a path (with / between its parts) is left out; the last rule that matches wins."""
        if _NEVER.search(path):
            return True
        ignored = False
        for pattern, negated, folders_only in self._rules:
            if (is_folder or not folders_only) and pattern.fullmatch(path):
                ignored = not negated
        return ignored


def _rule(line: str) -> tuple[re.Pattern[str], bool, bool] | None:
    if line.startswith("#"):
        return None
    # A space at the end counts only behind a backslash.
    line = re.sub(r"(?<!\\)\s+$", "", line)
    negated = line.startswith("!")
    line = line[1:] if negated else line
    line = re.sub(r"^\\([#!])", r"\1", line)
    folders_only = line.endswith("/")
    line = line.rstrip("/")
    if not line:
        return None
    anchored = "/" in line
    body = _regex(line.lstrip("/"))
    return re.compile(body if anchored else f"(?:.*/)?{body}", re.DOTALL), negated, folders_only


def _regex(pattern: str) -> str:
    out, place = "", 0
    while place < len(pattern):
        rest = pattern[place:]
        if rest.startswith("**/"):
            out, place = out + "(?:.*/)?", place + 3
        elif rest == "**":
            out, place = out + ".*", place + 2
        elif rest.startswith("*"):
            out, place = out + "[^/]*", place + 1
        elif rest.startswith("?"):
            out, place = out + "[^/]", place + 1
        elif rest.startswith("[") and "]" in rest[2:]:
            end = rest.index("]", 2)
            inside = rest[1:end].replace("\\", r"\\")
            inside = "^" + inside[1:] if inside[0] in "!^" else inside
            out, place = f"{out}(?!/)[{inside}]", place + end + 1
        elif rest.startswith("\\") and len(rest) > 1:
            out, place = out + re.escape(rest[1]), place + 2
        else:
            out, place = out + re.escape(rest[0]), place + 1
    return out
