"""The words of the command line."""

from __future__ import annotations

import argparse

import studio
from studio.cli.alert_options import add_alerts
from studio.cli.commands import Parsers, add_bare, add_command, add_noun, add_of_run
from studio.cli.ending import EXPLAINED
from studio.cli.retention_options import add_retention
from studio.contract import places
from studio.contract.words import Role

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
    _folder(add_noun(nouns, "folder", "connect folders to the studio"))
    _experiments(add_noun(nouns, "experiment", "experiments of a workspace"))
    _views(add_noun(nouns, "view", "custom views of a workspace"))
    _members(
        add_noun(nouns, "member", "members of a workspace"),
        add_noun(nouns, "invitation", "links by which somebody becomes a member"),
    )
    _runs(add_noun(nouns, "run", "runs of a workspace"))
    add_alerts(add_noun(nouns, "alert", "who is told what about runs"), STATUSES)
    add_retention(add_noun(nouns, "retention", "rules by which old runs are deleted"))
    _offline(nouns)
    completion = add_bare(
        nouns, "completion", "completion:write_script", "print what completes commands in a shell"
    )
    completion.description = _COMPLETION
    completion.formatter_class = argparse.RawDescriptionHelpFormatter
    completion.add_argument("shell", choices=SHELLS)
    return top


def _account(nouns: Parsers) -> None:
    login = add_command(
        nouns, "login", "account:login", "keep the address of a studio and a token", is_text=True
    )
    login.add_argument("url", help="for example http://127.0.0.1:8000")
    login.add_argument("--token", help="asked for, or read from stdin, when left out")
    add_command(nouns, "token", "account:token", "print the API token in use", is_text=True)


def _offline(nouns: Parsers) -> None:
    about = "deliver what is still on this machine: values that did not arrive, offline runs"
    sync = add_command(nouns, "sync", "syncing:sync", about, is_text=True)
    sync.add_argument(
        "--moved", action="store_true", help="the studio has another address than it had then"
    )
    about = "make a run of the folder of an offline run"
    imported = add_command(nouns, "import", "syncing:import_run", about, is_text=True)
    imported.add_argument("folder", metavar="FOLDER", help="it holds run.json, and stays")
    for command in (sync, imported):
        command.add_argument("--experiment-name", "-e", help="for offline runs; or: offline")


def _folder(folder: Parsers) -> None:
    attach = add_command(
        folder, "attach", "folder:attach", "let SDK and CLI find the studio from here"
    )
    attach.add_argument(
        "--experiment-name",
        "-e",
        metavar="NAME",
        help="for what is submitted from here; the folder's name (.)",
    )


def _experiments(experiment: Parsers) -> None:
    listed = add_command(experiment, "list", "experiments:show_all", "list the experiments")
    which = listed.add_mutually_exclusive_group()
    which.add_argument("--archived", action="store_true", help="those that are archived")
    which.add_argument("--all", action="store_true", help="archived or not")


def _members(member: Parsers, invitation: Parsers) -> None:
    add_command(member, "list", "members:show_all", "list who belongs to the workspace")
    role = add_command(member, "role", "members:change_role", "give a member another role")
    role.add_argument("user", metavar="USER", help="the user name")
    role.add_argument("role", choices=list(Role))
    gone = add_command(member, "remove", "members:remove", "end a membership")
    gone.add_argument("user", metavar="USER", help="the user name")
    gone.add_argument("--yes", "-y", action="store_true", help="do not ask whether it is meant")
    add_command(invitation, "list", "members:show_invitations", "list the open invitations")
    made = add_command(invitation, "make", "members:invite", "make a link; it is shown this once")
    made.add_argument("--role", choices=list(Role), default="contributor", help="contributor")
    made.add_argument("--email", metavar="ADDRESS", default="", help="whom it is for")
    back = add_command(invitation, "take-back", "members:take_back", "end an open invitation")
    back.add_argument("id", metavar="ID", help="as in the list")


def _views(view: Parsers) -> None:
    add_command(view, "list", "views:show_all", "list your views and those shared with you")
    shown = add_command(view, "show", "views:show", "list the runs that a view shows")
    shown.add_argument("view", metavar="VIEW", help="its slug, as in its address, or its name")
    shown.add_argument("--last", type=_count, default=10, metavar="N", help="how many (10)")


def _runs(run: Parsers) -> None:
    _list(run)
    add_of_run(run, "show", "runs:show", "show one run")
    _compare(run)
    add_of_run(run, "cancel", "runs:cancel", "stop a run", is_text=True)
    update = add_of_run(run, "update", "runs:update", "change tags or texts, add parameters")
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
    add_of_run(run, "monitor-logs", "runs:monitor_logs", "follow the log of a run until it ends")
    _logs(run)
    about = "write the logs of a run to a folder"
    logs = add_of_run(run, "download-logs", "runs:download_logs", about, is_text=True)
    logs.add_argument(
        "--output-dir", "-d", required=True, metavar="FOLDER", help="made where it is missing"
    )
    about = "open the page of a run in a browser"
    add_of_run(run, "open", "runs:open_page", about, is_text=True)
    _submit(run)


def _logs(run: Parsers) -> None:
    about = "show lines of a run's log, by their numbers or by what is in them"
    logs = add_of_run(run, "logs", "logs:show", about, is_text=True)
    logs.add_argument(
        "--file", default=places.STD_LOG, metavar="PATH", help=f"which log ({places.STD_LOG})"
    )
    logs.add_argument("--lines", metavar="FIRST-LAST", help="such as 120 or 120-140")
    logs.add_argument("--search", metavar="TEXT", help="only lines with this text")
    logs.add_argument("--regex", action="store_true", help="the text is a regular expression")
    logs.add_argument("--case", action="store_true", help="upper and lower case differ")
    logs.add_argument("--errors", action="store_true", help="only lines that look like errors")
    logs.add_argument("--timestamps", action="store_true", help="say when each line arrived, UTC")
    logs.add_argument(
        "--last", type=_count, default=100, metavar="N", help="how many lines at most (100)"
    )


def _list(run: Parsers) -> None:
    listed = add_command(run, "list", "runs:show_all", "list runs, the newest first")
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


def _compare(run: Parsers) -> None:
    about = "print runs side by side"
    compared = add_command(run, "compare", "comparing:compare", about, is_text=True)
    compared.add_argument("runs", nargs="+", metavar="RUN_ID", help="up to 100")
    compared.add_argument("--differ", action="store_true", help="only what differs")
    compared.add_argument(
        "--base", metavar="RUN_ID", help="the run that numbers are told against; the first"
    )


def _submit(run: Parsers) -> None:
    submit = add_command(
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


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; it is a number from 1.")
    return int(text)


def _status(text: str) -> str:
    known = {status.lower(): status for status in STATUSES}
    return known.get(text.lower(), text)
