"""``studio run …``: a run is found by its id alone, and reading never creates anything."""

from __future__ import annotations

import itertools
import json
import webbrowser
from typing import TYPE_CHECKING, Any

from studio.cli.connecting import attached_experiment, run_of, workspace_of
from studio.cli.ending import CommandError
from studio.cli.following import follow
from studio.cli.printing import show as print_result
from studio.cli.terminal import complain
from studio.cli.views import slug_of
from studio.contract.words import Status

if TYPE_CHECKING:
    import argparse

    from studio.sdk import Workspace

_PAGE = 500
_MINIMAL = ("runId", "runType", "status", "startTimeUtc", "endTimeUtc", "target", "tags")


def show_all(asked: argparse.Namespace) -> None:
    """List runs; ``--query`` sees as many as ``--last`` lets through."""
    experiment = _experiment(asked)
    query = {
        "experiment": experiment,
        "parent": asked.parent_run_id,
        "target": asked.compute_target_name,
        "status": asked.status,
        "tags": _tags_asked(asked.tags),
        "filter": asked.filter,
        "sort": asked.sort,
        "limit": min(asked.last, _PAGE),
    }
    workspace = workspace_of(asked)
    if asked.view:
        query["view"] = slug_of(workspace, asked.view)
    found = workspace._transport.pages("runs", query=query)
    runs = list(itertools.islice(found, asked.last))
    if not runs and experiment:
        _say_if_unknown(workspace, experiment)
    if asked.minimal:
        runs = [{key: run[key] for key in _MINIMAL} for run in runs]
    print_result(asked, runs)


def show(asked: argparse.Namespace) -> None:
    """Show one run."""
    print_result(asked, run_of(asked)._told)


def cancel(asked: argparse.Namespace) -> None:
    """Ask a run to stop.

    Raises:
        CommandError: it has ended by itself.
    """
    run = run_of(asked)
    if run.status in (Status.COMPLETED, Status.FAILED):
        raise CommandError(f"The run {run.id} is {run.status}: there is nothing to cancel.")
    run.cancel()
    asked_only = run.status == Status.CANCEL_REQUESTED
    said = "is asked to stop" if asked_only else f"is {run.status}"
    print_result(asked, run._told, f"The run {run.id} {said}.")


def update(asked: argparse.Namespace) -> None:
    """Change what people write on a run.

    Raises:
        CommandError: nothing to change, or a tag that is to come and to go.
    """
    tags = dict(_tag(text) for text in asked.add_tag)
    parameters = dict(_parameter(text) for text in asked.add_parameter)
    both = sorted(tags.keys() & set(asked.remove_tag))
    if both:
        raise CommandError(f'The tag "{both[0]}" is to be added and removed: choose one.')
    labels = tags or parameters or asked.remove_tag
    if not labels and asked.description is asked.display_name is None:
        raise CommandError(
            "There is nothing to change: give --add-tag, --remove-tag, --add-parameter, "
            "--description or --display-name."
        )
    run = run_of(asked)
    if tags:
        run.set_tags(tags)
    if asked.remove_tag:
        run.remove_tags(asked.remove_tag)
    if parameters:
        run._transport.run("POST", run.id, "parameters", json=parameters)
    if asked.description is not None:
        run.description = asked.description
    if asked.display_name is not None:
        run.display_name = asked.display_name
    print_result(asked, run._refresh())


def monitor_logs(asked: argparse.Namespace) -> None:
    """Follow a run's log until it ends; a run that failed is an error."""
    follow(asked, run_of(asked))


def download_logs(asked: argparse.Namespace) -> None:
    """Write the logs of a run to a folder."""
    run = run_of(asked)
    paths = run.get_all_logs(asked.output_dir)
    if not paths:
        complain(f"The run {run.id} has no logs; nothing was written.")
    print_result(asked, paths, "\n".join(paths))


def open_page(asked: argparse.Namespace) -> None:
    """Open the page of a run, and say where it is: there may be no browser here."""
    url = run_of(asked).get_portal_url()
    webbrowser.open(url)
    print_result(asked, {"url": url}, url)


def _experiment(asked: argparse.Namespace) -> str | None:
    """Return the experiment whose runs are meant, None for all of them."""
    if asked.experiment_name or asked.all_experiments or asked.parent_run_id or asked.view:
        return asked.experiment_name or None
    return attached_experiment(asked.path)


def _say_if_unknown(workspace: Workspace, experiment: str) -> None:
    """Tell an experiment without runs from a name that was mistyped."""
    query = {"name": experiment, "view": "all", "limit": 1}
    if not any(workspace._transport.pages("experiments", query=query)):
        complain(f'There is no experiment "{experiment}" in the workspace {workspace.name}.')


def _tag(text: str) -> tuple[str, str | None]:
    """Return key and value of ``key=value``, or a key without a value."""
    key, has_value, value = text.partition("=")
    if not key:
        raise CommandError(f'"{text}" is no tag; it is KEY or KEY=VALUE.')
    return key, value if has_value else None


def _parameter(text: str) -> tuple[str, str]:
    key, has_value, value = text.partition("=")
    if not key or not has_value:
        raise CommandError(f'"{text}" is no parameter; it is KEY=VALUE.')
    return key, value


def _tags_asked(texts: list[str]) -> str | None:
    """Return tags as the studio reads them: a key alone means any value."""
    if not texts:
        return None
    asked: list[Any] = []
    for key, value in map(_tag, texts):
        asked.append(key if value is None else {key: value})
    return json.dumps(asked)
