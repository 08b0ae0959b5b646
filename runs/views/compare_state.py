"""The address of a comparison is its whole state: which runs, which baseline, what is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode

from runs.actions.text import UNSTORABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

_KNOWN = ("runs", "base", "differ", "find", "up", "down", "closed", "add", "since")
_WORDS = {"true": True, "false": False}
_LONGEST = 20_000
# Beyond so many runs nobody looks for what is the same.
_FEW = 2


@dataclass(frozen=True, slots=True)
class CompareState:
    """What an address asks for. ``differ`` None leaves it to the number of runs.

    ``up`` and ``down`` are the metrics of which more, or less, is better: nobody guesses that.
    ``closed`` are the names of the sections that show their head only.
    """

    runs: tuple[str, ...] = ()
    base: str = ""
    differ: bool | None = None
    find: str = ""
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()

    @property
    def only_differing(self) -> bool:
        """Whether equal rows are hidden."""
        return len(self.runs) > _FEW if self.differ is None else self.differ

    @property
    def place(self) -> int:
        """Which of the runs is the baseline."""
        return self.runs.index(self.base) if self.base in self.runs else 0

    def link(self, **changes: Any) -> str:
        """Return the address of the same comparison with some parts changed."""
        state = replace(self, **changes)
        first = state.runs[0] if state.runs else ""
        asked = {
            "runs": ",".join(state.runs),
            "base": state.base if state.base != first and state.base in state.runs else "",
            "differ": "" if state.differ is None else str(state.differ).lower(),
            "find": state.find,
            "up": _written(state.up),
            "down": _written(state.down),
            "closed": ",".join(state.closed),
        }
        return "?" + urlencode({name: text for name, text in asked.items() if text}, safe=",")

    def kept(self, *but: str) -> list[tuple[str, str]]:
        """Return what a form sends along that changes the part of this name."""
        return [pair for pair in parse_qsl(self.link().removeprefix("?")) if pair[0] not in but]

    def toggled(self, section: str) -> str:
        """Return the address with a section closed, or open again."""
        rest = tuple(name for name in self.closed if name != section)
        return self.link(closed=rest if section in self.closed else (*self.closed, section))

    def directed(self, metric: str) -> str:
        """Return the address with the next direction of a metric: none, more, less is better."""
        up, down = _without(self.up, metric), _without(self.down, metric)
        if metric in self.up:
            return self.link(up=up, down=(*down, metric))
        return self.link(up=up if metric in self.down else (*up, metric), down=down)

    def moved(self, place: int, step: int) -> str:
        """Return the address with a run one place further left or right, "" at the edge."""
        if not 0 <= place + step < len(self.runs):
            return ""
        runs = list(self.runs)
        runs[place], runs[place + step] = runs[place + step], runs[place]
        return self.link(runs=tuple(runs), base=self.runs[self.place])

    def without(self, run: str) -> str:
        """Return the address with a run left out."""
        return self.link(runs=_without(self.runs, run))


def read(asked: QueryDict) -> tuple[CompareState, list[str]]:
    """Return the state that an address means, and what in it is not understood."""
    given = {name: asked.get(name, "")[:_LONGEST] for name in _KNOWN}
    problems = [f'A comparison has no part "{name[:100]}".' for name in asked if name not in _KNOWN]
    problems += [f'"{name}" is given twice.' for name in _KNOWN if len(asked.getlist(name)) > 1]
    if given["differ"] not in ("", *_WORDS):
        problems.append(f'"differ" is true or false, not "{given["differ"][:100]}".')
    up = _names(given["up"])
    state = CompareState(
        base=given["base"].strip(),
        differ=_WORDS.get(given["differ"]),
        find=UNSTORABLE.sub("", given["find"])[:200],
        up=up,
        down=tuple(name for name in _names(given["down"]) if name not in up),
        closed=tuple(dict.fromkeys(filter(None, given["closed"].split(",")))),
    )
    return state, problems


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(unquote(name) for name in text.split(",") if name))


def _written(names: Iterable[str]) -> str:
    """Return names divided by commas; a comma of a name is written as %2C."""
    return ",".join(name.replace("%", "%25").replace(",", "%2C") for name in names)


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(each for each in names if each != name)
