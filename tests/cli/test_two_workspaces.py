"""Two workspaces with the same names, by the command line and the SDK: each tells of its own only."""

from __future__ import annotations

import os
from itertools import chain

import pytest

from runs.actions import accounts, tokens, workspaces
from runs.models import User, Workspace
from studio.contract.words import Role
from studio.sdk import Experiment
from studio.sdk import Workspace as StudioWorkspace
from tests.access.test_two_workspaces import PLUM, QUINCE
from tests.access.twins import METRIC, RUN, Secret, Twin, fill
from tests.cli.conftest import Cli
from tests.docs.test_complete import COMMANDS

# What each command that reads is asked. {start} is how the other one's secret begins.
READS = {
    "run list": [
        "--all-experiments --last 100",
        "-e same-experiment",
        "--filter tag:where",
        "--filter {start}",
        "--filter log:{start}",
        "--view Best",
        "--tags where",
        "--parent-run-id same",
    ],
    "run show": ["-r same", "-r only-{word}"],
    "run compare": ["same other", "same only-{word}"],
    "run logs": ["-r same", "-r same --search error"],
    "run monitor-logs": ["-r same"],
    "run download-logs": ["-r same -d copies-{ws}"],
    "experiment list": ["--all"],
    "view list": [""],
    "view show": ["Best", "{slug}"],
    "retention list": [""],
    "retention preview": ["--days 1", "--days 1 --filter {start}"],
    "member list": [""],
    "invitation list": [""],
    "alert list": [""],
    "alert show": ["Failures", "{alert}"],
    "alert deliveries": ["Failures", "{alert}"],
}
# What says a secret of its own only to further words.
TOLD_ELSEWHERE = (*("run list", "run logs", "run download-logs", "view list", "retention preview"),)
# What changes something, or speaks of this machine alone.
OTHERS = (
    *("login", "token", "folder attach", "sync", "import", "completion", "run cancel"),
    *("run update", "run open", "run submit-script", "alert create", "alert update"),
    *("retention create", "retention enable", "retention disable", "retention delete"),
    *("member role", "member remove", "invitation make", "invitation take-back"),
    *("alert delete", "alert test", "alert retry", "alert replay"),
)


@pytest.fixture
def twins(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> tuple[Twin, Twin]:
    """Dora, who owns both, is who asks."""
    alice = User.objects.get(username="alice")
    dora = accounts.create_user("dora")
    places = [Workspace.objects.get(name="main"), workspaces.create("elsewhere", owner=alice)]
    for place, secret in zip(places, (PLUM, QUINCE), strict=True):
        workspaces.add_member(place, dora, Role.OWNER)
        sam = accounts.create_user(f"sam-{secret.word}", name="Sam")
        workspaces.add_member(place, sam, Role.CONTRIBUTOR)
        workspaces.create_target(place, "studio-local")
    monkeypatch.setenv("STUDIO_TOKEN", tokens.issue(dora, "test"))
    return fill(places[0], alice, PLUM, runs=0), fill(places[1], alice, QUINCE, runs=2)


def test_every_command_is_held_against_two_workspaces_or_changes_something() -> None:
    assert sorted([*READS, *OTHERS]) == sorted(COMMANDS)


def test_a_command_tells_of_its_own_workspace(twins: tuple[Twin, Twin], cli: Cli) -> None:
    here, there = twins
    for twin, other in ((here, there), (there, here)):
        for command, all_words in READS.items():
            for words in all_words:
                for of in (twin, other):
                    said = asked(cli, command, words, twin, of)
                    assert not other.secret.is_in(said), (command, words, said[-500:])
            if command not in TOLD_ELSEWHERE:
                first = asked(cli, command, all_words[0], twin, twin)
                assert twin.secret.is_in(first), (command, first)


def asked(cli: Cli, command: str, words: str, twin: Twin, of: Twin) -> bytes:
    """Return what a command says in the workspace of ``twin``, asked for the ids of ``of``."""
    told = {
        "start": of.secret.word[:-3],
        "word": of.secret.word,
        "ws": twin.workspace.name,
        **of.ids,
    }
    line = [*command.split(), *words.format(**told).split(), "-w", twin.workspace.name]
    _, out, err = cli(*line)
    said = out + err
    # What was asked for is repeated where it is not there.
    return said.replace(f"only-{of.secret.word}", "").replace(of.ids["slug"], "").encode()


def test_the_sdk_tells_of_its_own_workspace(twins: tuple[Twin, Twin]) -> None:
    here, there = twins
    for twin, other in ((here, there), (there, here)):
        workspace = StudioWorkspace.get(twin.workspace.name)
        said = told_by_the_sdk(workspace).encode()
        assert twin.secret.is_in(said)
        assert not other.secret.is_in(said)
    assert "STUDIO_WORKSPACE" not in os.environ


def told_by_the_sdk(workspace: StudioWorkspace) -> str:
    """Return all that the SDK reads, as text."""
    experiment = workspace.experiments["same-experiment"]
    runs = list(chain(workspace.list_runs(include_children=True), experiment.get_runs()))
    found: list[object] = [list(workspace.experiments), list(workspace.compute_targets)]
    for run in runs:
        found += [run.get_details(), run.get_tags(), run.get_properties(), run.get_metrics()]
        found += [run.get_file_names(), run.display_name, run.description]
    found += [list(workspace.list_runs(view="Best")), list(workspace.list_runs(filter="tag:where"))]
    found += [workspace.compare_runs([RUN, "other"]), [a.get_details() for a in workspace.alerts]]
    found += [list(alert.deliveries()) for alert in workspace.alerts]
    assert any(METRIC in run.get_metrics() for run in runs)
    return repr(found)


def test_the_secrets_differ() -> None:
    assert not PLUM.is_in(QUINCE.word.encode())
    assert Secret("a", 1_234_567).is_in(b"1,234,567.00")
