"""``studio run …``: a run is found by its id alone, and reading never creates anything."""

from __future__ import annotations

import itertools
import json
import webbrowser
from typing import TYPE_CHECKING, Any

from studio.cli.connecting import experiment_of, workspace_of
from studio.cli.printing import show as print_result
from studio.sdk import ActivityFailedException, Experiment, Run, ScriptRunConfig, UserErrorException

if TYPE_CHECKING:
    import argparse

_PAGE = 500
_MINIMAL = ("runId", "runType", "status", "startTimeUtc", "endTimeUtc", "target", "tags")


def show_all(asked: argparse.Namespace) -> None:
    """List runs; ``--query`` sees as many as ``--last`` lets through."""
    query = {
        "experiment": asked.experiment_name,
        "parent": asked.parent_run_id,
        "target": asked.compute_target_name,
        "status": asked.status,
        "tags": _tags_asked(asked.tags),
        "limit": min(asked.last, _PAGE),
    }
    found = workspace_of(asked)._transport.pages("runs", query=query)
    runs = list(itertools.islice(found, asked.last))
    if asked.minimal:
        runs = [{key: run[key] for key in _MINIMAL} for run in runs]
    print_result(asked, runs)


def show(asked: argparse.Namespace) -> None:
    """Show one run."""
    print_result(asked, _run(asked)._told)


def cancel(asked: argparse.Namespace) -> None:
    """Ask a run to stop."""
    run = _run(asked)
    run.cancel()
    print(f"The run {run.id} is {run.status}.")


def update(asked: argparse.Namespace) -> None:
    """Change what people write on a run."""
    run = _run(asked)
    if asked.add_tag:
        run.set_tags(dict(_tag(text) for text in asked.add_tag))
    if asked.remove_tag:
        run.remove_tags(asked.remove_tag)
    if asked.description is not None:
        run.description = asked.description
    if asked.display_name is not None:
        run.display_name = asked.display_name
    print_result(asked, run._refresh())


def monitor_logs(asked: argparse.Namespace) -> None:
    """Follow a run's log until it ends; a run that failed is an error."""
    _follow(asked, _run(asked))


def download_logs(asked: argparse.Namespace) -> None:
    """Write the logs of a run to a folder."""
    for path in _run(asked).get_all_logs(asked.output_dir):
        print(path)


def open_page(asked: argparse.Namespace) -> None:
    """Open the page of a run."""
    url = _run(asked).get_portal_url()
    print(url)
    webbrowser.open(url)


def submit_script(asked: argparse.Namespace) -> None:
    """Submit a script, and follow its log unless asked not to."""
    experiment = Experiment(workspace_of(asked), experiment_of(asked))
    config = ScriptRunConfig(
        asked.source_directory or asked.path,
        script=asked.script,
        arguments=asked.arguments,
        compute_target=asked.target,
    )
    run = experiment.submit(config)
    if asked.is_async:
        print_result(asked, run._told)
    else:
        _follow(asked, run)


def _follow(asked: argparse.Namespace, run: Run) -> None:
    try:
        run.wait_for_completion(show_output=True)
    except ActivityFailedException:
        print_result(asked, run._told)
        raise
    print_result(asked, run._told)


def _run(asked: argparse.Namespace) -> Run:
    return Run.get(workspace_of(asked), asked.run)


def _tag(text: str) -> tuple[str, str | None]:
    """Return key and value of ``key=value``, or a key without a value."""
    key, has_value, value = text.partition("=")
    if not key:
        raise UserErrorException(f'"{text}" is no tag; it is KEY or KEY=VALUE.')
    return key, value if has_value else None


def _tags_asked(texts: list[str]) -> str | None:
    """Return tags as the studio reads them: a key alone means any value."""
    if not texts:
        return None
    asked: list[Any] = []
    for key, value in map(_tag, texts):
        asked.append(key if value is None else {key: value})
    return json.dumps(asked)
