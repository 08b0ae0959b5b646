"""Their runs: made, looked at, renamed, ended, resumed, deleted and restored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from runs.access import Actor
from runs.actions import deletion, lifecycle
from runs.actions import runs as run_actions
from runs.models import ComputeTarget, Run, RunEvent, User, Workspace
from runs.models.run import Shelf
from tests.conftest import MakeRun
from tests.mlflow.conftest import Answer, Asks


def made(ask: Asks, **fields: Any) -> str:
    return str(ask("POST", "runs/create", fields)["run"]["info"]["run_id"])


def got(ask: Asks, run_id: str) -> dict[str, Any]:
    run: dict[str, Any] = ask("GET", "runs/get", {"run_id": run_id})["run"]
    return run


def tags(ask: Asks, run_id: str) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in got(ask, run_id)["data"].get("tags", [])}


def tagged(**values: str) -> list[dict[str, str]]:
    return [{"key": f"mlflow.{key}", "value": value} for key, value in values.items()]


def test_a_new_run_runs_and_tells_what_was_said(ask: Asks) -> None:
    number = ask("POST", "experiments/create", {"name": "e"})["experiment_id"]
    told = {"experiment_id": number, "user_id": "ada", "start_time": 456, "run_name": "first"}
    run = ask("POST", "runs/create", {**told, "tags": [{"key": "k", "value": "v"}]})["run"]
    run_id = run["info"]["run_id"]
    assert len(run_id) == 32
    assert run["info"] == {
        "run_id": run_id,
        "run_uuid": run_id,
        "run_name": "first",
        "experiment_id": "1",
        "user_id": "ada",
        "status": "RUNNING",
        "start_time": 456,
        "artifact_uri": f"mlflow-artifacts:/1/{run_id}/artifacts",
        "lifecycle_stage": "active",
    }
    assert run["data"] == {
        "tags": [{"key": "k", "value": "v"}, {"key": "mlflow.runName", "value": "first"}]
    }
    assert got(ask, run_id) == run


def test_a_run_that_says_nothing_gets_a_name_and_the_default_experiment(ask: Asks) -> None:
    run = got(ask, made(ask))
    assert run["info"]["experiment_id"] == "0"
    assert run["info"]["user_id"] == "alice"
    assert run["info"]["run_name"]
    assert {"key": "mlflow.runName", "value": run["info"]["run_name"]} in run["data"]["tags"]


def test_the_name_may_be_a_tag_but_not_another_one(ask: Asks) -> None:
    assert got(ask, made(ask, tags=tagged(runName="a")))["info"]["run_name"] == "a"
    same = made(ask, run_name="a", tags=tagged(runName="a"))
    assert got(ask, same)["info"]["run_name"] == "a"
    body = {"run_name": "a", "tags": tagged(runName="b")}
    answer = ask("POST", "runs/create", body)
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert answer.message == (
        "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different "
        "values (run_name='a', mlflow.runName='b')."
    )


def test_tags_of_theirs_are_fields_of_ours(ask: Asks) -> None:
    parent = made(ask, run_name="sweep")
    child = made(ask, tags=tagged(**{"note.content": "**why**"}, parentRunId=parent, user="ada"))
    run = Run.objects.select_related("parent").get(run_id=child)
    assert run.parent is not None
    assert (run.parent.run_id, run.description, run.depth) == (parent, "**why**", 1)
    assert run.tags == {"mlflow.user": "ada"}
    found = tags(ask, child)
    assert found["mlflow.parentRunId"] == parent
    assert found["mlflow.note.content"] == "**why**"


def test_a_parent_that_is_not_there_stays_a_tag(ask: Asks) -> None:
    child = made(ask, tags=tagged(parentRunId="7"))
    assert Run.objects.get(run_id=child).parent is None
    assert tags(ask, child)["mlflow.parentRunId"] == "7"


def test_what_people_change_on_the_page_is_what_clients_see(ask: Asks, alice: User) -> None:
    run = Run.objects.get(run_id=made(ask, run_name="a"))
    by = Actor.of_user(alice)
    run_actions.edit(run, by=by, display_name="renamed", description="told")
    seen = got(ask, run.run_id)
    assert seen["info"]["run_name"] == "renamed"
    assert tags(ask, run.run_id) == {"mlflow.runName": "renamed", "mlflow.note.content": "told"}


def test_a_run_is_found_by_either_name_of_its_id(ask: Asks) -> None:
    run_id = made(ask)
    assert ask("GET", "runs/get", {"run_uuid": run_id}).status == 200
    assert ask("GET", "runs/get", {"run_id": run_id, "run_uuid": run_id}).status == 200
    missing = ask("GET", "runs/get")
    assert "Missing value for required parameter 'run_id'." in missing.message
    unknown = ask("GET", "runs/get", {"run_id": "0" * 32})
    assert (unknown.status, unknown.code) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert unknown.message == f"Run with id={'0' * 32} not found"


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"experiment_id": "7"}, 404, "No Experiment with id=7 exists"),
        ({"experiment_id": "abc"}, 400, "Experiment ID must be a valid integer."),
        ({"start_time": "soon"}, 400, "Invalid value \"soon\" for parameter 'start_time' supplied"),
        ({"start_time": -1}, 400, "Invalid value -1 for parameter 'start_time' supplied"),
        ({"start_time": 10**18}, 400, "for parameter 'start_time' supplied"),
        ({"run_name": 1}, 400, "Invalid value 1 for parameter 'run_name' supplied"),
        ({"tags": [{"value": "v"}]}, 400, "Missing value for required parameter 'tags[0].key'."),
        ({"tags": [{"key": "a*"}]}, 400, "Names may only contain alphanumerics"),
        ({"tags": "no list"}, 400, "Invalid value \"no list\" for parameter 'tags' supplied"),
    ],
)
def test_a_run_that_cannot_be_is_refused(
    ask: Asks, body: dict[str, Any], status: int, said: str
) -> None:
    answer = ask("POST", "runs/create", body)
    assert answer.status == status
    assert said in answer.message
    assert not Run.objects.exists()


def test_a_deleted_experiment_takes_no_run(ask: Asks) -> None:
    number = ask("POST", "experiments/create", {"name": "e"})["experiment_id"]
    ask("POST", "experiments/delete", {"experiment_id": number})
    answer = ask("POST", "runs/create", {"experiment_id": number})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert answer.message.startswith("The experiment 1 must be in the 'active' state")


@pytest.mark.parametrize(
    ("word", "status"),
    [("FINISHED", "Completed"), ("FAILED", "Failed"), ("KILLED", "Canceled"), (3, "Completed")],
)
def test_a_run_ends_as_its_script_says(ask: Asks, word: object, status: str) -> None:
    run_id = made(ask, start_time=1_000)
    ended = {"run_id": run_id, "status": word, "end_time": "61000"}
    info = ask("POST", "runs/update", ended)["run_info"]
    run = Run.objects.get(run_id=run_id)
    assert (run.status, run.seconds) == (status, 60)
    assert info == got(ask, run_id)["info"]
    assert info["end_time"] == 61_000
    assert RunEvent.objects.filter(run=run, to_status=status).count() == 1


def test_a_run_is_resumed_and_ends_again(ask: Asks) -> None:
    run_id = made(ask)
    for word in ("FAILED", "RUNNING", "RUNNING", "FINISHED", "KILLED", "RUNNING"):
        told = {"run_id": run_id, "status": word, "end_time": 2_000}
        info = ask("POST", "runs/update", told)["run_info"]
        assert info["status"] == word
        assert ("end_time" in info) == (word != "RUNNING")
    run = Run.objects.get(run_id=run_id)
    assert (run.status, run.ended_at, run.error) == ("Running", None, None)


def test_only_what_is_given_changes(ask: Asks) -> None:
    run_id = made(ask, run_name="a")
    ask("POST", "runs/update", {"run_id": run_id, "status": "FINISHED"})
    info = ask("POST", "runs/update", {"run_id": run_id, "run_name": "b"})["run_info"]
    assert (info["run_name"], info["status"]) == ("b", "FINISHED")
    info = ask("POST", "runs/update", {"run_id": run_id, "run_name": ""})["run_info"]
    assert info["run_name"] == "b"
    assert tags(ask, run_id)["mlflow.runName"] == "b"


@pytest.mark.parametrize("status", ["NOPE", 9, True, "0"])
def test_a_status_that_does_not_exist_is_refused(ask: Asks, status: object) -> None:
    run_id = made(ask)
    answer = ask("POST", "runs/update", {"run_id": run_id, "status": status, "run_name": "b"})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert "for parameter 'status' supplied" in answer.message
    assert got(ask, run_id)["info"]["run_name"] != "b"


def test_a_submitted_run_is_led_by_its_runner(
    ask: Asks, make_run: MakeRun, target: ComputeTarget
) -> None:
    queued = make_run(target="studio-local")
    assert got(ask, queued.run_id)["info"]["status"] == "SCHEDULED"
    told = {"run_id": queued.run_id, "status": "FINISHED"}
    refused = ask("POST", "runs/update", told)
    assert (refused.status, refused.code) == (403, "PERMISSION_DENIED")
    deleting = ask("POST", "runs/delete", {"run_id": queued.run_id})
    assert deleting.status == 409


def refuses_to_write(ask: Asks, run_id: str) -> list[Answer]:
    return [
        ask("POST", f"runs/{verb}", {"run_id": run_id, **body})
        for verb, body in (
            ("update", {"status": "FINISHED"}),
            ("set-tag", {"key": "k"}),
            ("delete-tag", {"key": "k"}),
            ("log-parameter", {"key": "k", "value": "v"}),
            ("log-metric", {"key": "k", "value": 1, "timestamp": 1}),
            ("log-batch", {}),
        )
    ]


def test_a_deleted_run_is_seen_takes_nothing_and_comes_back(ask: Asks) -> None:
    run_id = made(ask)
    child = made(ask, tags=tagged(parentRunId=run_id))
    for _ in range(2):
        assert ask("POST", "runs/delete", {"run_id": run_id}).document == {}
    assert Run.objects.get(run_id=run_id).shelf == Shelf.BIN
    assert got(ask, run_id)["info"]["lifecycle_stage"] == "deleted"
    assert got(ask, child)["info"]["lifecycle_stage"] == "active"
    said = f"The run {run_id} must be in the 'active' state. Current state is deleted."
    for answer in refuses_to_write(ask, run_id):
        assert (answer.status, answer.message) == (400, said)
    for _ in range(2):
        assert ask("POST", "runs/restore", {"run_id": run_id}).document == {}
    assert got(ask, run_id)["info"]["lifecycle_stage"] == "active"
    assert got(ask, run_id)["info"]["status"] == "RUNNING"
    for verb in ("delete", "restore"):
        assert ask("POST", f"runs/{verb}", {"run_id": "0"}).status == 404


def test_an_experiment_takes_its_runs_along_and_brings_them_back(ask: Asks) -> None:
    number = ask("POST", "experiments/create", {"name": "e"})["experiment_id"]
    kept, thrown = made(ask, experiment_id=number), made(ask, experiment_id=number)
    ask("POST", "runs/delete", {"run_id": thrown})
    ask("POST", "experiments/delete", {"experiment_id": number})
    assert [got(ask, each)["info"]["lifecycle_stage"] for each in (kept, thrown)] == ["deleted"] * 2
    assert all(answer.status == 400 for answer in refuses_to_write(ask, kept))
    ask("POST", "experiments/restore", {"experiment_id": number})
    # What was thrown away by itself before is not dug out by that.
    stages = [got(ask, each)["info"]["lifecycle_stage"] for each in (kept, thrown)]
    assert stages == ["active", "deleted"]


def test_a_contributor_deletes_only_what_is_theirs(
    ask: Asks, mlflow: Callable[..., Asks], bob: User
) -> None:
    theirs, others = made(mlflow(bob)), made(ask)
    assert mlflow(bob)("POST", "runs/delete", {"run_id": theirs}).status == 200
    refused = mlflow(bob)("POST", "runs/delete", {"run_id": others})
    assert (refused.status, refused.code) == (403, "PERMISSION_DENIED")
    assert ask("POST", "runs/delete", {"run_id": theirs}).status == 200


def test_runs_of_another_workspace_are_not_there(
    ask: Asks, mlflow: Callable[..., Asks], charlie: User
) -> None:
    run_id, stranger = made(ask), mlflow(charlie)
    answers = [
        stranger("GET", "runs/get", {"run_id": run_id}),
        stranger("POST", "runs/delete", {"run_id": run_id}),
        stranger("POST", "runs/restore", {"run_id": run_id}),
        *refuses_to_write(stranger, run_id),
    ]
    assert {(each.status, each.code) for each in answers} == {(404, "RESOURCE_DOES_NOT_EXIST")}
    assert {each.message for each in answers} == {f"Run with id={run_id} not found"}


def test_what_the_sdk_logs_is_seen_as_well(
    ask: Asks, run: Run, alice: User, workspace: Workspace
) -> None:
    by = Actor.of_user(alice)
    lifecycle.complete(run, by=by)
    seen = got(ask, run.run_id)
    assert seen["info"]["status"] == "FINISHED"
    deletion.delete(run, by=by)
    assert got(ask, run.run_id)["info"]["lifecycle_stage"] == "deleted"


def test_a_run_is_an_ordinary_run_on_the_pages(ask: Asks, alice: User, client: Client) -> None:
    told = {"note.content": "**bold**", "source.git.commit": "c0ffee" * 6}
    run_id = made(ask, run_name="from mlflow", tags=tagged(**told))
    client.force_login(alice)
    assert "from mlflow" in client.get("/w/main/runs/").content.decode()
    page = client.get(f"/w/main/runs/{run_id}/").content.decode()
    assert "<strong>bold</strong>" in page
    assert page.count("c0ffee") > 1
