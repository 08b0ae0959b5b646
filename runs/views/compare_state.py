"""The address of a comparison is its whole state: which runs, which baseline, what is shown.

A view that holds a comparison is named in the address, which then says what differs from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode

from django.http import QueryDict

from runs.actions.text import UNSTORABLE
from runs.actions.view_state import ViewState
from runs.queries import compare
from runs.views import view_menu

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from runs.queries.views import SeenView
    from runs.views.doors import Visit

# The parts of an address, and what people call them.
_PARTS = {
    "runs": "runs",
    "base": "baseline",
    "differ": "only differences",
    "find": "search",
    "up": "what is better",
    "down": "what is better",
    "closed": "closed sections",
    "axes": "axes",
    "x": "axes",
    "y": "axes",
}
_KNOWN = (*_PARTS, "view", "add", "since")
# Buttons of the page: each changes one thing, and the answer is the address of what that makes.
STEPS = ("baseline", "left", "right", "leave", "turn", "toggle")
_WORDS = {"true": True, "false": False}
_LONGEST, _ADDRESS = 20_000, 40_000
# Beyond so many runs nobody looks for what is the same.
_FEW = 2


@dataclass(frozen=True, slots=True)
class CompareState:
    """What an address asks for. ``differ`` None leaves it to the number of runs.

    ``up`` and ``down`` are the metrics of which more, or less, is better: nobody guesses that.
    ``closed`` are the names of the sections that show their head only. ``axes`` are the columns of
    the parallel coordinates, ``x`` and ``y`` those of the scatter chart; left out, the page chooses.
    ``saved`` is what the ``view`` holds that the comparison was opened from.
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
    view: SeenView | None = None
    saved: CompareState | None = None

    @property
    def slug(self) -> str:
        """The name of its view in addresses, "" without one."""
        return self.view.view.slug if self.view is not None else ""

    @property
    def changed(self) -> list[str]:
        """What of the page differs from its view, in words; nothing without one."""
        if self.saved is None:
            return []
        now, saved = self._written(), self.saved._written()
        return list(
            dict.fromkeys(what for name, what in _PARTS.items() if now[name] != saved[name])
        )

    @property
    def view_state(self) -> ViewState:
        """The same as a view keeps it: the runs, and how they are compared unless that is usual."""
        how = {name: getattr(self, name) for name in _PARTS if name != "runs"}
        kept = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in how.items()
            if value not in ("", (), None)
        }
        return ViewState(selected=self.runs, compare=kept)

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
        now, saved = replace(self, **changes)._written(), (self.saved or _NOTHING)._written()
        asked = {"view": self.slug} if self.view is not None else {}
        asked |= {name: text for name, text in now.items() if text != saved[name]}
        return "?" + urlencode(asked, safe=",")

    def _written(self) -> dict[str, str]:
        """Return each part as an address has it, "" where it is as it is by itself."""
        first = self.runs[0] if self.runs else ""
        return {
            "runs": ",".join(self.runs),
            "base": self.base if self.base != first and self.base in self.runs else "",
            "differ": "" if self.differ is None else str(self.differ).lower(),
            "find": self.find,
            "up": written(self.up),
            "down": written(self.down),
            "closed": ",".join(self.closed),
            "axes": written(self.axes),
            "x": self.x,
            "y": self.y,
        }

    def found(self, runs: Iterable[str], missing: Collection[str]) -> CompareState:
        """Return the same of the runs that there are; that others are gone is no change to its view."""
        saved = self.saved
        if saved is not None:
            saved = replace(saved, runs=tuple(run for run in saved.runs if run not in missing))
        return replace(self, runs=tuple(runs), saved=saved)

    def kept(self, *but: str) -> list[tuple[str, str]]:
        """Return what a form sends along that changes the part of this name."""
        pairs = parse_qsl(self.link().removeprefix("?"), keep_blank_values=True)
        return [pair for pair in pairs if pair[0] not in but]

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


_NOTHING = CompareState()


def of_view(view: ViewState) -> CompareState:
    """Return the comparison that a view holds."""
    parts: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in (view.compare or {}).items()
    }
    return CompareState(runs=view.selected, **parts)


def over(mine: ViewState, view: SeenView) -> CompareState:
    """Return a comparison that was opened from a view which somebody has saved meanwhile."""
    return replace(of_view(mine), view=view, saved=of_view(view.state))


def of_address(visit: Visit, address: str) -> CompareState:
    """Return the comparison that an address means."""
    asked = QueryDict(address.lstrip("?")[:_ADDRESS])
    slug = asked.get("view", "")
    return read(asked, view_menu.opened(visit, slug) if slug else None)[0]


def read(asked: QueryDict, view: SeenView | None = None) -> tuple[CompareState, list[str]]:
    """Return the state that an address means over that of its view, and what is not understood."""
    given = {name: asked.get(name, "")[:_LONGEST] for name in _KNOWN if name in asked}
    # The boxes of a form that are ticked have one name.
    if "axes" in asked:
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
    if given.get("differ", "") not in ("", *_WORDS):
        problems.append(f'"differ" is true or false, not "{given["differ"][:100]}".')
    saved = of_view(view.state) if view is not None else None
    parts = {name: _READ[name](text) for name, text in given.items() if name in _READ}
    state = replace(saved or _NOTHING, **parts, view=view, saved=saved)
    return replace(state, down=tuple(n for n in state.down if n not in state.up)), problems


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(unquote(name) for name in text.split(",") if name))


def _text(longest: int) -> Callable[[str], str]:
    return lambda text: UNSTORABLE.sub("", text)[:longest]


_READ: dict[str, Callable[[str], Any]] = {
    "runs": lambda text: tuple(compare.ids_of(text)[0]),
    "base": str.strip,
    "differ": _WORDS.get,
    "find": _text(200),
    "up": _names,
    "down": _names,
    "closed": lambda text: tuple(dict.fromkeys(filter(None, text.split(",")))),
    "axes": _names,
    "x": _text(300),
    "y": _text(300),
}


def written(names: Iterable[str]) -> str:
    """Return names divided by commas; a comma of a name is written as %2C."""
    return ",".join(name.replace("%", "%25").replace(",", "%2C") for name in names)


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(each for each in names if each != name)
