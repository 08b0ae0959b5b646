"""The blocks of code in the manual and the README, and what a reader would do with each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.packaging.places import ROOT

MANUAL = sorted((ROOT / "templates" / "docs").glob("*.md"))
PAGES = [*MANUAL, ROOT / "README.md"]
# What a reader runs, what a reader writes into a file, and what is shown after a block.
RUN = {"python", "sh"}
LANGUAGES = {*RUN, "text", "yaml"}
_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = "file="
_NOT_RUN = "not-run"


@dataclass(frozen=True)
class Block:
    """A block of a page; ``line`` is where it begins, ``words`` are those behind its language."""

    page: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def where(self) -> str:
        return f"{self.page.name}:{self.line}"

    @property
    def is_run(self) -> bool:
        return self.language in RUN and not self.file and not self.is_marked

    @property
    def is_marked(self) -> bool:
        return _NOT_RUN in self.words

    @property
    def file(self) -> str:
        """The file that the reader saves the block as, "" for none."""
        return next((w.removeprefix(_FILE) for w in self.words if w.startswith(_FILE)), "")


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page in their order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for fence in _FENCE.finditer(text):
        language, *words = fence["info"].split() or [""]
        line = text.count("\n", 0, fence.start()) + 1
        found.append(Block(page, line, language, tuple(words), fence["text"]))
    return found
