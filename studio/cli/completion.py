"""What may come next on the command line, read off the argparse tree.

Run ids and names come from the studio, if it answers while somebody waits for a key.
"""

from __future__ import annotations

import argparse
import contextlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.shells import FILES, FOLDERS, SCRIPTS
from studio.cli.terminal import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from studio.sdk._transport import Transport

# With the start of Python it is a second.
_PATIENCE_SECONDS = 0.9
_RUNS = 100
_FILES_OF = {"output_metadata_file", "conda_dependencies", "script", "arguments"}
_FOLDERS_OF = {"path", "source_directory", "output_dir"}
Candidates = list[tuple[str, str]]


def write_script(asked: argparse.Namespace) -> None:
    """Print the script for a shell."""
    print(SCRIPTS[asked.shell], end="")


def answer(words: Sequence[str]) -> None:
    """Print what the last of ``words`` may become, each with what it means behind a tab."""
    for value, about in _candidates(list(words) or [""]):
        print(f"{value}\t{harmless(about)}" if about or value not in (FILES, FOLDERS) else value)


def _candidates(words: list[str]) -> Candidates:
    *before, current = words
    prefix = ""
    if current == "=" and before:
        # Bash makes a word of its own of the = in --status=Failed.
        current = ""
    elif current.startswith("--") and "=" in current:
        option, _, current = current.partition("=")
        before.append(option)
        prefix = f"{option}="
    line = _Line()
    for word in before:
        line.read(word)
    found = line.next(current)
    return [
        (prefix + value if value not in (FILES, FOLDERS) else value, about)
        for value, about in found
        if value in (FILES, FOLDERS) or value.startswith(current)
    ]


class _Line:
    """The words before the cursor: which command they have come to, and what it waits for."""

    def __init__(self) -> None:
        from studio.cli.options import parser

        self._told: dict[str, str] = {}
        self._waiting: argparse.Action | None = None
        self._has_value = False
        self._enter(parser())

    def read(self, word: str) -> None:
        """Take one word."""
        if word.startswith("-") and not self._is_remainder():
            name, has_value, _ = word.partition("=")
            action = self._options.get(name)
            takes_value = action is not None and action.nargs != 0 and not has_value
            self._waiting, self._has_value = action if takes_value else None, False
            if action is not None:
                self._used.add(action)
        elif self._waiting is not None:
            if word == "=":
                return
            self._told[self._waiting.dest] = word
            self._has_value = True
            if self._waiting.nargs != "+":
                self._waiting = None
        elif self._commands:
            # Behind a command that nobody knows, nothing can be said.
            self._enter(self._commands.get(word) or argparse.ArgumentParser(add_help=False))
        elif self._places and not self._is_remainder() and self._places[0].nargs != "+":
            self._places.pop(0)

    def next(self, current: str) -> Candidates:
        """Return what may come now."""
        if self._waiting is not None and not (self._has_value and current.startswith("-")):
            return self._values(self._waiting)
        if self._is_remainder():
            return [(FILES, "")]
        if self._commands and not current.startswith("-"):
            return [(name, about) for name, about in self._abouts if not name.startswith("_")]
        if self._places and not current.startswith("-"):
            return self._values(self._places[0])
        return self._unused_options()

    def _enter(self, parser: argparse.ArgumentParser) -> None:
        self._options = dict(parser._option_string_actions)
        self._used: set[argparse.Action] = set()
        self._commands: dict[str, argparse.ArgumentParser] = {}
        self._abouts: Candidates = []
        self._places = []
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                self._commands = dict(action.choices)
                self._abouts = [(each.dest, each.help or "") for each in action._choices_actions]
            elif not action.option_strings:
                self._places.append(action)

    def _is_remainder(self) -> bool:
        return bool(self._places) and self._places[0].nargs == argparse.REMAINDER

    def _unused_options(self) -> Candidates:
        found = {}
        for action in dict.fromkeys(self._options.values()):
            if action.help is argparse.SUPPRESS:
                continue
            if action not in self._used or action.nargs == "+":
                longest = next(n for n in action.option_strings if n.startswith("--"))
                found[longest] = (action.help or "") % {"prog": "studio"}
        return list(found.items())

    def _values(self, action: argparse.Action) -> Candidates:
        if action.choices is not None:
            return [(str(choice), "") for choice in action.choices]
        if action.dest in _FILES_OF:
            return [(FILES, "")]
        if action.dest in _FOLDERS_OF:
            return [(FOLDERS, "")]
        if action.dest == "run_configuration_name":
            return [(file.stem, "") for file in self._folder().glob("*.runconfig")]
        ask = _OF_THE_STUDIO.get(action.dest)
        return _in_time(lambda: ask(self._transport())) if ask else []

    def _folder(self) -> Path:
        from studio.contract import places

        return Path(self._told.get("path", "."), places.CONFIG_FOLDER)

    def _transport(self) -> Transport:
        from studio.cli.connecting import connection_of

        asked = argparse.Namespace(
            path=self._told.get("path", "."), workspace_name=self._told.get("workspace_name")
        )
        transport = connection_of(asked).open()
        transport.patience = 0
        return transport


def _in_time(ask: Callable[[], Iterable[tuple[str, str]]]) -> Candidates:
    """Return what is answered soon; nothing else, and no complaint: somebody is typing."""
    found: Candidates = []

    def work() -> None:
        with contextlib.suppress(Exception):
            found.extend(ask())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(_PATIENCE_SECONDS)
    return list(found)


def _runs(transport: Transport) -> Candidates:
    query: dict[str, Any] = {"limit": _RUNS, "includeChildren": True}
    items = transport.api("GET", "runs", query=query).json()["items"]
    return [(run["runId"], f"{run['displayName']}, {run['status']}") for run in items]


def _experiments(transport: Transport) -> Candidates:
    items = transport.api("GET", "experiments", query={"limit": 500}).json()["items"]
    return [(item["name"], item["description"].partition("\n")[0]) for item in items]


def _targets(transport: Transport) -> Candidates:
    items = transport.api("GET", "compute").json()["items"]
    return [(item["name"], item["kind"]) for item in items]


def _workspaces(transport: Transport) -> Candidates:
    from studio.contract import places

    items = transport.request("GET", f"{places.API}/workspaces").json()["items"]
    return [(item["name"], item["role"]) for item in items]


def _views(transport: Transport) -> Candidates:
    items = transport.api("GET", "views").json()["items"]
    return [(item["slug"], item["name"]) for item in items]


def _alerts(transport: Transport) -> Candidates:
    items = transport.api("GET", "alerts").json()["items"]
    return [(str(item["id"]), item["name"]) for item in items]


_OF_THE_STUDIO: dict[str, Callable[[Transport], Candidates]] = {
    "run": _runs,
    "runs": _runs,
    "base": _runs,
    "parent_run_id": _runs,
    "experiment_name": _experiments,
    "compute_target_name": _targets,
    "target": _targets,
    "view": _views,
    "alert": _alerts,
    "workspace_name": _workspaces,
}
