"""The address of a comparison is its whole state: which runs, which baseline, what is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode

from runs.actions.text import UNSTORABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

_KNOWN = (
    *("runs", "base", "differ", "find", "up", "down", "closed", "axes", "x", "y", "add", "since"),
)
# Buttons of the page: each changes one thing, and the answer is the address of what that makes.
STEPS = ("baseline", "left", "right", "leave", "turn", "toggle")
_WORDS = {"true": True, "false": False}
_LONGEST = 20_000
# Beyond so many runs nobody looks for what is the same.
_FEW = 2


@dataclass(frozen=True, slots=True)
class CompareState:
    """What an address asks for. ``differ`` None leaves it to the number of runs.

    ``up`` and ``down`` are the metrics of which more, or less, is better: nobody guesses that.
    ``closed`` are the names of the sections that show their head only. ``axes`` are the columns of
    the parallel coordinates, ``x`` and ``y`` those of the scatter chart; left out, the page chooses.
    """

    runs: tuple[str, ...] = ()
    base: str = ""
    differ: bool | None = None
    find: str = ""
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    x: str = ""
    y: str = ""

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
            "up": written(state.up),
            "down": written(state.down),
            "closed": ",".join(state.closed),
            "axes": written(state.axes),
            "x": state.x,
            "y": state.y,
        }
        return "?" + urlencode({name: text for name, text in asked.items() if text}, safe=",")

    def kept(self, *but: str) -> list[tuple[str, str]]:
        """Return what a form sends along that changes the part of this name."""
        return [pair for pair in parse_qsl(self.link().removeprefix("?")) if pair[0] not in but]

    @property
    def without_axes(self) -> list[tuple[str, str]]:
        """What a form sends along that chooses the axes of the charts."""
        return self.kept("axes", "x", "y")

    def after(self, step: str, what: str) -> CompareState:
        """Return the state once a button is pressed, for a run, a metric or a section."""
        match step:
            case "baseline":
                return replace(self, base=what)
            case "left" | "right":
                return self._moved(what, -1 if step == "left" else 1)
            case "leave":
                return replace(self, runs=_without(self.runs, what))
            case "turn":
                return self._turned(what)
            case _:
                rest = _without(self.closed, what)
                return replace(self, closed=rest if what in self.closed else (*rest, what))

    def _turned(self, metric: str) -> CompareState:
        """Give a metric its next direction: none, more, less is better."""
        up, down = _without(self.up, metric), _without(self.down, metric)
        if metric in self.up:
            return replace(self, up=up, down=(*down, metric))
        return replace(self, up=up if metric in self.down else (*up, metric), down=down)

    def _moved(self, run: str, step: int) -> CompareState:
        """Move a run one place further; the baseline stays the run that it is."""
        place = self.runs.index(run) + step if run in self.runs else -1
        if not 0 <= place < len(self.runs):
            return self
        runs = list(_without(self.runs, run))
        runs.insert(place, run)
        return replace(self, runs=tuple(runs), base=self.runs[self.place])


def read(asked: QueryDict) -> tuple[CompareState, list[str]]:
    """Return the state that an address means, and what in it is not understood."""
    given = {name: asked.get(name, "")[:_LONGEST] for name in _KNOWN}
    # The boxes of a form that are ticked have one name.
    given["axes"] = ",".join(asked.getlist("axes"))[:_LONGEST]
    problems = [
        f'A comparison has no part "{name[:100]}".'
        for name in asked
        if name not in (*_KNOWN, *STEPS)
    ]
    problems += [
        f'"{name}" is given twice.'
        for name in _KNOWN
        if name != "axes" and len(asked.getlist(name)) > 1
    ]
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
        axes=_names(given["axes"]),
        x=UNSTORABLE.sub("", given["x"])[:300],
        y=UNSTORABLE.sub("", given["y"])[:300],
    )
    return state, problems


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(unquote(name) for name in text.split(",") if name))


def written(names: Iterable[str]) -> str:
    """Return names divided by commas; a comma of a name is written as %2C."""
    return ",".join(name.replace("%", "%25").replace(",", "%2C") for name in names)


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(each for each in names if each != name)
