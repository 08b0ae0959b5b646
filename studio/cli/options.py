"""The words of the command line."""

from __future__ import annotations

import argparse
import importlib
from typing import TYPE_CHECKING, Any

import studio
from studio.cli.ending import EXPLAINED

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("json", "jsonc", "table", "tsv", "yaml", "none")
STATUSES = (
    "NotStarted Starting Provisioning Preparing Queued Running Finalizing CancelRequested "
    "Completed Failed Canceled NotResponding"
).split()
SHELLS = ("bash", "zsh", "fish")
_EPILOG = f"""{EXPLAINED}

environment:
  STUDIO_URL, STUDIO_TOKEN, STUDIO_WORKSPACE  in place of studio login
  NO_COLOR                                    no colours on a terminal

studio run list --help, for example, tells of one command."""
_COMPLETION = """\
print what completes commands, options, run ids and names in a shell

  bash:  studio completion bash > ~/.local/share/bash-completion/completions/studio
  zsh:   studio completion zsh > "${fpath[1]}/_studio"
  fish:  studio completion fish > ~/.config/fish/completions/studio.fish"""
_Parsers = Any


def parser() -> argparse.ArgumentParser:
    """Return the whole command line."""
    top = argparse.ArgumentParser(
        prog="studio",
        description="Runs of machine-learning experiments, at a terminal.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"Run Studio {studio.__version__}")
    nouns = top.add_subparsers(metavar="COMMAND", required=True)
    _account(nouns)
    _folder(_noun(nouns, "folder", "connect folders to the studio"))
    _experiments(_noun(nouns, "experiment", "experiments of a workspace"))
    _views(_noun(nouns, "view", "custom views of a workspace"))
    _runs(_noun(nouns, "run", "runs of a workspace"))
    _offline(nouns)
    completion = _bare(
        nouns, "completion", "completion:write_script", "print what completes commands in a shell"
    )
    completion.description = _COMPLETION
    completion.formatter_class = argparse.RawDescriptionHelpFormatter
    completion.add_argument("shell", choices=SHELLS)
    return top


def _account(nouns: _Parsers) -> None:
    login = _command(
        nouns, "login", "account:login", "keep the address of a studio and a token", is_text=True
    )
    login.add_argument("url", help="for example http://127.0.0.1:8000")
    login.add_argument("--token", help="asked for, or read from stdin, when left out")
    _command(nouns, "token", "account:token", "print the API token in use", is_text=True)


def _offline(nouns: _Parsers) -> None:
    about = "deliver what is still on this machine: values that did not arrive, offline runs"
    sync = _command(nouns, "sync", "syncing:sync", about, is_text=True)
    sync.add_argument(
        "--moved", action="store_true", help="the studio has another address than it had then"
    )
    about = "make a run of the folder of an offline run"
    imported = _command(nouns, "import", "syncing:import_run", about, is_text=True)
    imported.add_argument("folder", metavar="FOLDER", help="it holds run.json, and stays")
    for command in (sync, imported):
        command.add_argument("--experiment-name", "-e", help="for offline runs; or: offline")


def _folder(folder: _Parsers) -> None:
    attach = _command(
        folder, "attach", "folder:attach", "let SDK and CLI find the studio from here"
    )
    attach.add_argument(
        "--experiment-name",
        "-e",
        metavar="NAME",
        help="for what is submitted from here; the folder's name (.)",
    )


def _experiments(experiment: _Parsers) -> None:
    listed = _command(experiment, "list", "experiments:show_all", "list the experiments")
    which = listed.add_mutually_exclusive_group()
    which.add_argument("--archived", action="store_true", help="those that are archived")
    which.add_argument("--all", action="store_true", help="archived or not")


def _views(view: _Parsers) -> None:
    _command(view, "list", "views:show_all", "list your views and those shared with you")
    shown = _command(view, "show", "views:show", "list the runs that a view shows")
    shown.add_argument("view", metavar="VIEW", help="its slug, as in its address, or its name")
    shown.add_argument("--last", type=_count, default=10, metavar="N", help="how many (10)")


def _runs(run: _Parsers) -> None:
    _list(run)
    _of_run(run, "show", "runs:show", "show one run")
    _compare(run)
    _of_run(run, "cancel", "runs:cancel", "stop a run", is_text=True)
    update = _of_run(run, "update", "runs:update", "change tags or texts, add parameters")
    update.add_argument(
        "--add-tag",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY[=VALUE]",
        help="may be repeated",
    )
    update.add_argument(
        "--remove-tag",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY",
        help="may be repeated",
    )
    update.add_argument(
        "--add-parameter",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="never changes; may be repeated",
    )
    update.add_argument("--description", metavar="TEXT", help="in Markdown")
    update.add_argument("--display-name", metavar="TEXT", help="what pages and tables show")
    _of_run(run, "monitor-logs", "runs:monitor_logs", "follow the log of a run until it ends")
    about = "write the logs of a run to a folder"
    logs = _of_run(run, "download-logs", "runs:download_logs", about, is_text=True)
    logs.add_argument(
        "--output-dir", "-d", required=True, metavar="FOLDER", help="made where it is missing"
    )
    about = "open the page of a run in a browser"
    _of_run(run, "open", "runs:open_page", about, is_text=True)
    _submit(run)


def _list(run: _Parsers) -> None:
    listed = _command(run, "list", "runs:show_all", "list runs, the newest first")
    listed.add_argument(
        "--experiment-name",
        "-e",
        metavar="NAME",
        help="of this experiment; of the attached folder's one (.)",
    )
    listed.add_argument("--all-experiments", action="store_true", help="of every experiment")
    listed.add_argument("--parent-run-id", metavar="RUN_ID", help="children of this run")
    listed.add_argument(
        "--last", type=_count, default=10, metavar="N", help="how many (10); --query sees no more"
    )
    listed.add_argument("--compute-target-name", metavar="NAME", help="of this compute target only")
    listed.add_argument(
        "--status", type=_status, choices=STATUSES, metavar="STATUS", help=", ".join(STATUSES)
    )
    listed.add_argument(
        "--tags", nargs="+", action="extend", default=[], metavar="KEY[=VALUE]", help="all of them"
    )
    listed.add_argument(
        "--filter", metavar="QUERY", help="as in the search box: status:failed metric:accuracy>0.9"
    )
    listed.add_argument(
        "--sort", metavar="COLUMNS", help="up to two, - for descending: -metric:accuracy,created"
    )
    listed.add_argument(
        "--view", metavar="VIEW", help="of a custom view, in its order; its slug or name"
    )
    listed.add_argument("--minimal", action="store_true", help="id, type, status, times, tags only")


def _compare(run: _Parsers) -> None:
    about = "print runs side by side"
    compared = _command(run, "compare", "comparing:compare", about, is_text=True)
    compared.add_argument("runs", nargs="+", metavar="RUN_ID", help="up to 20")
    compared.add_argument("--differ", action="store_true", help="only what differs")
    compared.add_argument(
        "--base", metavar="RUN_ID", help="the run that numbers are told against; the first"
    )


def _submit(run: _Parsers) -> None:
    submit = _command(
        run, "submit-script", "submitting:submit_script", "submit a script and follow its log"
    )
    submit.add_argument(
        "--run-configuration-name", "-c", metavar="NAME", help=".studio/NAME.runconfig"
    )
    submit.add_argument(
        "--experiment-name", "-e", metavar="NAME", help="of the attached folder when left out"
    )
    submit.add_argument(
        "--target", "--ct", metavar="NAME", help="compute target; this machine when left out"
    )
    submit.add_argument(
        "--source-directory", metavar="FOLDER", help="the folder that is copied and run in; --path"
    )
    submit.add_argument("--async", action="store_true", dest="is_async", help="do not wait")
    submit.add_argument(
        "--conda-dependencies", "-d", metavar="FILE", help="refused: environments are not built"
    )
    submit.add_argument(
        "script", nargs="?", help="its path in the source directory; that of -c before -- --option"
    )
    submit.add_argument("arguments", nargs=argparse.REMAINDER, help="go to the script")


def _of_run(
    nouns: _Parsers, name: str, do: str, about: str, *, is_text: bool = False
) -> argparse.ArgumentParser:
    command = _command(nouns, name, do, about, is_text=is_text)
    command.add_argument("--run", "-r", required=True, metavar="RUN_ID", help="its id")
    command.add_argument(
        "--experiment-name", "-e", metavar="NAME", help="may be left out: an id is enough"
    )
    return command


def _noun(nouns: _Parsers, name: str, about: str) -> _Parsers:
    noun = nouns.add_parser(name, help=about, description=about)
    return noun.add_subparsers(metavar="COMMAND", required=True)


def _command(
    nouns: _Parsers, name: str, do: str, about: str, *, is_text: bool = False
) -> argparse.ArgumentParser:
    """Add a command with a result; ``is_text``: it says a sentence until a format is asked for."""
    command = _bare(nouns, name, do, about)
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


def _bare(nouns: _Parsers, name: str, do: str, about: str) -> argparse.ArgumentParser:
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


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; it is a number from 1.")
    return int(text)


def _status(text: str) -> str:
    known = {status.lower(): status for status in STATUSES}
    return known.get(text.lower(), text)
