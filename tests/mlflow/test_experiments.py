"""Their experiments: ids that count in a workspace, names that any text may be, deleted and restored."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from runs.access import Actor
from runs.actions import experiments
from runs.models import Experiment, User, Workspace
from tests.conftest import MakeRun
from tests.mlflow.conftest import Asks


def made(ask: Asks, name: str, **more: object) -> str:
    return str(ask("POST", "experiments/create", {"name": name, **more})["experiment_id"])


def got(ask: Asks, number: str) -> dict[str, object]:
    found: dict[str, object] = ask("GET", "experiments/get", {"experiment_id": number})[
        "experiment"
    ]
    return found


def test_a_fresh_workspace_has_number_0_and_counts_from_1(
    ask: Asks, mlflow: Callable[..., Asks], charlie: User
) -> None:
    default = got(ask, "0")
    assert default["name"] == "Default"
    assert default["artifact_location"] == "mlflow-artifacts:/0"
    assert default["lifecycle_stage"] == "active"
    assert [made(ask, name) for name in "ab"] == ["1", "2"]
    assert made(mlflow(charlie), "a") == "1"


def test_a_name_may_be_any_text_and_is_found_by_it(ask: Asks) -> None:
    name = "/Users/ada@example.org/my experiment: ä"
    number = made(ask, name)
    found = ask("GET", "experiments/get-by-name", {"experiment_name": name})["experiment"]
    assert (found["experiment_id"], found["name"]) == (number, name)
    nobody = ask("GET", "experiments/get-by-name", {"experiment_name": "nobody"})
    assert (nobody.status, nobody.code) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_name_is_taken_also_by_a_deleted_one(ask: Asks) -> None:
    number = made(ask, "a")
    for _ in range(2):
        again = ask("POST", "experiments/create", {"name": "a"})
        assert (again.status, again.code) == (400, "RESOURCE_ALREADY_EXISTS")
        assert again.message.startswith("Experiment(name=a) already exists.")
        ask("POST", "experiments/delete", {"experiment_id": number})
    assert made(ask, "b") == "2"


def test_a_name_has_500_characters_at_most(ask: Asks) -> None:
    assert got(ask, made(ask, "x" * 500))["name"] == "x" * 500
    answer = ask("POST", "experiments/create", {"name": "x" * 501})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert "'name' exceeds the maximum length of 500 characters" in answer.message


@pytest.mark.parametrize(
    "place", ["s3://bucket/a", "file:///tmp", "relative", "runs:/a", "a#b", "x" * 3000]
)
def test_artifacts_are_kept_nowhere_else(ask: Asks, place: str) -> None:
    body = {"name": "a", "artifact_location": place}
    answer = ask("POST", "experiments/create", body)
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert "'artifact_location'" in answer.message


@pytest.mark.parametrize("number", ["abc", "-1", "1.0", "\N{SUPERSCRIPT TWO}"])
def test_an_id_is_a_number(ask: Asks, number: str) -> None:
    answer = ask("GET", "experiments/get", {"experiment_id": number})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    said = f"Invalid experiment ID '{number}'. Experiment ID must be a valid integer."
    assert answer.message == said


@pytest.mark.parametrize("number", ["7", "9" * 30])
def test_an_id_that_is_not_there_is_told(ask: Asks, number: str) -> None:
    answer = ask("GET", "experiments/get", {"experiment_id": number})
    assert (answer.status, answer.code) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert answer.message == f"No Experiment with id={number} exists"


def test_deleted_is_archived_and_can_be_restored_once(ask: Asks) -> None:
    number = made(ask, "a")
    before = got(ask, number)
    asked = {"experiment_id": number}
    assert ask("POST", "experiments/restore", asked).status == 404
    assert ask("POST", "experiments/delete", asked).document == {}
    assert Experiment.objects.archived().get().name == "a"
    deleted = got(ask, number)
    assert deleted["lifecycle_stage"] == "deleted"
    assert str(deleted["last_update_time"]) >= str(before["last_update_time"])
    by_name = ask("GET", "experiments/get-by-name", {"experiment_name": "a"})
    assert by_name["experiment"]["lifecycle_stage"] == "deleted"
    again = ask("POST", "experiments/delete", asked)
    assert (again.status, again.code) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert again.message.startswith(f"No Experiment with id={number}")
    assert ask("POST", "experiments/restore", asked).document == {}
    assert got(ask, number)["lifecycle_stage"] == "active"


def test_the_default_experiment_stays(ask: Asks) -> None:
    answer = ask("POST", "experiments/delete", {"experiment_id": "0"})
    assert answer.status == 409
    assert 'Every workspace keeps its experiment "Default".' in answer.message


def test_a_name_is_changed_while_it_is_active(ask: Asks) -> None:
    number, other = made(ask, "a"), made(ask, "b")
    body = {"experiment_id": number, "new_name": "c"}
    assert ask("POST", "experiments/update", body).document == {}
    assert got(ask, number)["name"] == "c"
    taken = ask("POST", "experiments/update", {"experiment_id": number, "new_name": "b"})
    assert (taken.status, taken.code) == (400, "RESOURCE_ALREADY_EXISTS")
    ask("POST", "experiments/delete", {"experiment_id": other})
    gone = ask("POST", "experiments/update", {"experiment_id": other, "new_name": "d"})
    assert gone.status == 400
    assert "Cannot rename a non-active experiment." in gone.message
    missing = ask("POST", "experiments/update", {"experiment_id": number})
    assert "Missing value for required parameter 'new_name'." in missing.message


def tags(ask: Asks, number: str) -> dict[str, str]:
    found = ask("GET", "experiments/get", {"experiment_id": number})["experiment"]
    return {tag["key"]: tag["value"] for tag in found.get("tags", [])}


def test_tags_are_set_changed_and_removed(ask: Asks) -> None:
    number = made(ask, "a", tags=[{"key": "k", "value": "v"}, {"key": "empty"}])
    assert tags(ask, number) == {"k": "v", "empty": ""}
    place = {"experiment_id": number}
    ask("POST", "experiments/set-experiment-tag", {**place, "key": "k", "value": "w" * 20_000})
    ask("POST", "experiments/set-experiment-tag", {**place, "key": "new"})
    assert tags(ask, number) == {"k": "w" * 20_000, "empty": "", "new": ""}
    ask("POST", "experiments/delete-experiment-tag", {**place, "key": "k"})
    assert tags(ask, number) == {"empty": "", "new": ""}
    again = ask("POST", "experiments/delete-experiment-tag", {**place, "key": "k"})
    assert (again.status, again.code) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert again.message == f"No tag with name: k in experiment with id {number}"


def test_the_note_is_the_description(ask: Asks, workspace: Workspace, alice: User) -> None:
    note = {"key": "mlflow.note.content", "value": "**what for**"}
    number = made(ask, "a", tags=[note])
    experiment = Experiment.objects.get(workspace=workspace, number=number)
    assert (experiment.description, experiment.tags) == ("**what for**", {})
    experiments.describe(experiment, "changed on the page", by=Actor.of_user(alice))
    assert tags(ask, number) == {"mlflow.note.content": "changed on the page"}
    place = {"experiment_id": number, "key": "mlflow.note.content"}
    ask("POST", "experiments/set-experiment-tag", {**place, "value": "again"})
    assert tags(ask, number) == {"mlflow.note.content": "again"}
    ask("POST", "experiments/delete-experiment-tag", place)
    assert tags(ask, number) == {}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("k" * 251, "", "exceeds the maximum length of 250 characters"),
        ("k", "v" * 20_001, "exceeds the maximum length of 20000 characters"),
        ("a*b", "", "Names may only contain alphanumerics"),
        ("a//b", "", "This name would resolve to 'a/b'"),
        ("../a", "", "This name would resolve to '../a'"),
        (".", "", "This name would resolve to '.'"),
        ("/a", "", "This name would resolve to '/a'"),
    ],
)
def test_a_tag_that_cannot_be_is_refused(ask: Asks, key: str, value: str, said: str) -> None:
    body = {"experiment_id": "0", "key": key, "value": value}
    answer = ask("POST", "experiments/set-experiment-tag", body)
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert said in answer.message
    tag = {"key": key, "value": value}
    assert said in ask("POST", "experiments/create", {"name": "a", "tags": [tag]}).message


def test_a_deleted_experiment_takes_no_tags(ask: Asks) -> None:
    number = made(ask, "a", tags=[{"key": "k", "value": "v"}])
    ask("POST", "experiments/delete", {"experiment_id": number})
    said = f"The experiment {number} must be in the 'active' state. Current state is deleted."
    for verb in ("set-experiment-tag", "delete-experiment-tag"):
        answer = ask("POST", f"experiments/{verb}", {"experiment_id": number, "key": "k"})
        assert (answer.status, answer.message) == (400, said)


def test_what_the_sdk_makes_is_counted_too(ask: Asks, make_run: MakeRun) -> None:
    made(ask, "a")
    make_run(experiment_name="of-the-sdk")
    assert got(ask, "2")["name"] == "of-the-sdk"
    # A run of the SDK may go into an experiment whose name only MLflow allows.
    made(ask, "with spaces")
    assert make_run(experiment_name="with spaces").experiment.number == 3


def test_default_is_listed_once_it_is_used(
    alice: User, workspace: Workspace, client: Client, make_run: MakeRun
) -> None:
    client.force_login(alice)
    assert "Default" not in client.get("/w/main/experiments/").content.decode()
    make_run(experiment_name="Default")
    assert "Default" in client.get("/w/main/experiments/").content.decode()
    assert Experiment.objects.count() == 1
