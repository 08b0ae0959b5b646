"""The words of the command line."""

from __future__ import annotations

import argparse
import importlib
from typing import TYPE_CHECKING, Any

import studio

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("json", "jsonc", "table", "tsv", "yaml", "none")
STATUSES = (
    "NotStarted Starting Provisioning Preparing Queued Running Finalizing CancelRequested "
    "Completed Failed Canceled NotResponding"
).split()
_Parsers = Any


def parser() -> argparse.ArgumentParser:
    """Return the whole command line."""
    top = argparse.ArgumentParser(
        prog="studio", description="Runs of machine-learning experiments, at a terminal."
    )
    top.add_argument("--version", action="version", version=f"Run Studio {studio.__version__}")
    nouns = top.add_subparsers(metavar="COMMAND", required=True)
    _login(nouns)
    _command(nouns, "token", "account:token", "print the API token in use")
    folder = _noun(nouns, "folder", "connect folders to the studio")
    attach = _command(
        folder, "attach", "folder:attach", "let SDK and CLI find the studio from here"
    )
    attach.add_argument("--experiment-name", "-e", help="for what is submitted from here")
    experiment = _noun(nouns, "experiment", "experiments of a workspace")
    _command(experiment, "list", "experiments:show_all", "list the experiments")
    _runs(_noun(nouns, "run", "runs of a workspace"))
    return top


def _login(nouns: _Parsers) -> None:
    login = _command(nouns, "login", "account:login", "keep the address of a studio and a token")
    login.add_argument("url", help="for example http://127.0.0.1:8000")
    login.add_argument("--token", help="asked for when left out")


def _runs(run: _Parsers) -> None:
    listed = _command(run, "list", "runs:show_all", "list runs, the newest first")
    listed.add_argument("--experiment-name", "-e", help="of this experiment only")
    listed.add_argument("--parent-run-id", help="children of this run")
    listed.add_argument("--last", type=_count, default=10, metavar="N", help="how many (10)")
    listed.add_argument("--compute-target-name", help="of this compute target only")
    listed.add_argument("--status", choices=STATUSES, metavar="STATUS", help="in this status only")
    listed.add_argument("--tags", nargs="+", action="extend", default=[], metavar="KEY[=VALUE]")
    listed.add_argument("--minimal", action="store_true", help="id, type, status, times, tags only")
    _of_run(run, "show", "runs:show", "show one run")
    _of_run(run, "cancel", "runs:cancel", "stop a run")
    update = _of_run(run, "update", "runs:update", "change tags, description or display name")
    update.add_argument("--add-tag", nargs="+", action="extend", default=[], metavar="KEY[=VALUE]")
    update.add_argument("--remove-tag", nargs="+", action="extend", default=[], metavar="KEY")
    update.add_argument("--description")
    update.add_argument("--display-name")
    _of_run(run, "monitor-logs", "runs:monitor_logs", "follow the log of a run until it ends")
    logs = _of_run(
        run, "download-logs", "runs:download_logs", "write the logs of a run to a folder"
    )
    logs.add_argument("--output-dir", "-d", required=True)
    _of_run(run, "open", "runs:open_page", "open the page of a run in a browser")
    _submit(run)


def _submit(run: _Parsers) -> None:
    submit = _command(run, "submit-script", "runs:submit_script", "submit a script")
    submit.add_argument("--experiment-name", "-e")
    submit.add_argument("--target", "--ct", help="compute target; this machine when left out")
    submit.add_argument("--source-directory", help="the folder that is copied and run in")
    submit.add_argument("--async", action="store_true", dest="is_async", help="do not wait")
    submit.add_argument("script")
    submit.add_argument("arguments", nargs=argparse.REMAINDER, help="go to the script")


def _of_run(nouns: _Parsers, name: str, do: str, about: str) -> argparse.ArgumentParser:
    command = _command(nouns, name, do, about)
    command.add_argument("--run", "-r", required=True, metavar="RUN_ID")
    command.add_argument("--experiment-name", "-e", help="may be left out: an id is enough")
    return command


def _noun(nouns: _Parsers, name: str, about: str) -> _Parsers:
    noun = nouns.add_parser(name, help=about, description=about)
    return noun.add_subparsers(metavar="COMMAND", required=True)


def _command(nouns: _Parsers, name: str, do: str, about: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = nouns.add_parser(name, help=about, description=about)
    command.add_argument("--workspace-name", "-w", help="of the attached folder when left out")
    command.add_argument("--path", default=".", help="where to look for the attached folder")
    command.add_argument("--output", "-o", choices=FORMATS, default="json")
    command.add_argument("--query", metavar="JMESPATH", help="what of the result to print")
    command.add_argument(
        "--output-metadata-file", "-t", metavar="FILE", help="write the result there as well"
    )
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


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; it is a number from 1.")
    return int(text)
