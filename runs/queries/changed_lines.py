"""How two lists of lines differ, as a unified difference with a few lines around each change."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from typing import TYPE_CHECKING

from runs.queries import differences

if TYPE_CHECKING:
    from collections.abc import Sequence

_AROUND = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a difference: ``sign`` is +, -, a blank, or @ where lines were left out."""

    sign: str
    before: int | None
    after: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """How lines differ; ``problem`` says why that is not told."""

    lines: list[Line]
    added: int = 0
    removed: int = 0
    problem: str = ""

    @property
    def changed(self) -> int:
        """How many lines differ: one that became another counts once."""
        return max(self.added, self.removed)


def difference(
    old: Sequence[str],
    new: Sequence[str],
    *,
    seen: tuple[Sequence[str], Sequence[str]] | None = None,
    first: tuple[int, int] = (1, 1),
) -> Difference:
    """Return how lines differ.

    ``seen`` are the same lines as they are shown, where others are compared than are shown, and
    ``first`` the numbers of the first of them.
    """
    shown_old, shown_new = seen or (old, new)
    left, right = first
    found: list[Line] = []
    for group in _Shortest(old, new).get_grouped_opcodes(_AROUND):
        begin, end = group[0], group[-1]
        told = f"lines {begin[1] + left}–{end[2] + left - 1} and "
        found.append(Line("@", None, None, f"{told}{begin[3] + right}–{end[4] + right - 1}"))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                away = j1 - i1 + right
                found += [Line(" ", i + left, i + away, shown_old[i]) for i in range(i1, i2)]
                continue
            found += [Line("-", i + left, None, shown_old[i]) for i in range(i1, i2)]
            found += [Line("+", None, j + right, shown_new[j]) for j in range(j1, j2)]
    signs = [line.sign for line in found]
    return Difference(found, added=signs.count("+"), removed=signs.count("-"))


class _Shortest(SequenceMatcher[str]):
    """The shortest difference, and that of the library where the shortest takes too long.

    That of the library takes no anchor from lines that come often, as nearly all of a log do.
    """

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        super().__init__(None, old, new)
        self._old, self._new = old, new

    def get_matching_blocks(self) -> list[Match]:
        pairs = differences.shortest(self._old, self._new)
        if not pairs:
            return super().get_matching_blocks()
        blocks: list[Match] = []
        for i, j in pairs:
            last = blocks[-1] if blocks else Match(-1, -1, 0)
            if (last.a + last.size, last.b + last.size) == (i, j) and blocks:
                blocks[-1] = Match(last.a, last.b, last.size + 1)
            else:
                blocks.append(Match(i, j, 1))
        return [*blocks, Match(len(self._old), len(self._new), 0)]
