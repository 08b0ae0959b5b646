"""What every command of the command line has."""

from __future__ import annotations

import argparse
import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("json", "jsonc", "table", "tsv", "yaml", "none")
Parsers = Any


def add_of_run(
    nouns: Parsers, name: str, do: str, about: str, *, is_text: bool = False
) -> argparse.ArgumentParser:
    """Add a command about one run."""
    command = add_command(nouns, name, do, about, is_text=is_text)
    command.add_argument("--run", "-r", required=True, metavar="RUN_ID", help="its id")
    command.add_argument(
        "--experiment-name", "-e", metavar="NAME", help="may be left out: an id is enough"
    )
    return command


def add_noun(nouns: Parsers, name: str, about: str) -> Parsers:
    """Add a noun; returns where its commands are added."""
    noun = nouns.add_parser(name, help=about, description=about)
    return noun.add_subparsers(metavar="COMMAND", required=True)


def add_command(
    nouns: Parsers, name: str, do: str, about: str, *, is_text: bool = False
) -> argparse.ArgumentParser:
    """Add a command with a result; ``is_text``: it says a sentence until a format is asked for."""
    command = add_bare(nouns, name, do, about)
    common = command.add_argument_group("of every command")
    common.add_argument(
        "--workspace-name", "-w", metavar="NAME", help="of the attached folder when left out"
    )
    common.add_argument(
        "--path", metavar="FOLDER", default=".", help="where the attached folder is looked for (.)"
    )
    common.add_argument(
        "--output",
        "-o",
        choices=FORMATS,
        metavar="FORMAT",
        default=None if is_text else "json",
        help=f"{', '.join(FORMATS)}; {'a sentence' if is_text else 'json'} when left out",
    )
    common.add_argument("--query", metavar="JMESPATH", help="what of the result to print")
    # Scripts that were written for az name these; a studio has neither.
    for names in (("--resource-group", "-g"), ("--subscription-id",)):
        common.add_argument(*names, help=argparse.SUPPRESS)
    common.add_argument(
        "--output-metadata-file", "-t", metavar="FILE", help="a new file for the result as well"
    )
    return command


def add_bare(nouns: Parsers, name: str, do: str, about: str) -> argparse.ArgumentParser:
    """Add a command without what every command with a result has."""
    command: argparse.ArgumentParser = nouns.add_parser(name, help=about, description=about)
    command.set_defaults(do=_late(do))
    return command


def _late(do: str) -> Callable[[argparse.Namespace], int | None]:
    """Return a function that imports what it needs once it is called."""
    module, name = do.split(":")

    def call(asked: argparse.Namespace) -> int | None:
        function = getattr(importlib.import_module(f"studio.cli.{module}"), name)
        code: int | None = function(asked)
        return code

    return call
