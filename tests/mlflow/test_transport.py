"""How messages travel: addresses, sign-in, proto-JSON in and out, and errors as clients read them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client

from runs.actions import accounts, tokens, workspaces
from runs.api import mlflow
from runs.api.mlflow.routes import ROUTES
from runs.models import User, Workspace
from studio.contract import limits
from studio.contract.words import Role
from tests.conftest import MakeRun
from tests.mlflow.conftest import Asks, asking

PLACES = ("", "/w/main")
ROOTS = ("api", "ajax-api")


@pytest.mark.parametrize("place", PLACES)
def test_probes_need_no_sign_in(db: None, client: Client, place: str) -> None:
    assert client.get(f"{place}/health").content == b"OK"
    assert client.get(f"{place}/version").content == b"3.17.2"
    for root in ROOTS:
        info = client.get(f"{place}/{root}/3.0/mlflow/server-info").json()
        assert info["workspaces_enabled"] is False
        assert info["multipart_uploads_enabled"] is False
        assert info["multipart_downloads_enabled"] is False


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("root", ROOTS)
def test_every_alias_leads_to_the_same_experiment(
    ask: Asks, alice: User, place: str, root: str
) -> None:
    made = ask("POST", "experiments/create", {"name": "a"})["experiment_id"]
    there = asking(tokens.issue(alice, "t"), f"{place}/{root}/2.0/mlflow/")
    assert there("GET", "experiments/get", {"experiment_id": made})["experiment"]["name"] == "a"


@pytest.mark.parametrize(
    "place",
    [
        "/api/2.0/mlflow/registered-models/create",
        "/ajax-api/2.0/mlflow/nothing",
        "/api/3.0/mlflow/traces/search",
        "/api/2.0/mlflow",
        "/api/2.0/",
        "/w/main/api/2.0/mlflow/nothing/",
        "/api/2.0/mlflow/experiments/get/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_an_unknown_path_is_told_as_one_and_never_redirects(
    db: None, client: Client, place: str, method: str
) -> None:
    answer = client.generic(method, place)
    assert answer.status_code == 404
    assert answer.json()["error_code"] == "ENDPOINT_NOT_FOUND"


def test_another_method_of_a_known_path_is_not_allowed(ask: Asks) -> None:
    answer = ask("GET", "experiments/create")
    assert answer.status == 405
    assert answer.response["Allow"] == "OPTIONS, POST"


def basic(token: str) -> dict[str, str]:
    shown = base64.b64encode(f"anybody:{token}".encode()).decode()
    return {"Authorization": f"Basic {shown}"}


def test_a_token_may_be_the_password_of_any_name(alice: User, workspace: Workspace) -> None:
    ask = asking("", **basic(tokens.issue(alice, "t")))
    assert ask("GET", "experiments/get", {"experiment_id": "0"})["experiment"]["name"] == "Default"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer stu_nonsense"},
        {"Authorization": "Basic ???"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff").decode()},
        {"Authorization": "Basic"},
        basic("stu_nonsense"),
        basic(""),
    ],
)
def test_who_shows_no_token_is_told_how_to(workspace: Workspace, headers: dict[str, str]) -> None:
    answer = asking("", **headers)("GET", "experiments/get", {"experiment_id": "0"})
    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
    assert "MLFLOW_TRACKING_TOKEN" in answer.message


def test_a_reader_is_denied_what_a_contributor_may(
    mlflow: Callable[..., Asks], rita: User, bob: User
) -> None:
    refused = mlflow(rita)("POST", "experiments/create", {"name": "a"})
    assert (refused.status, refused.code) == (403, "PERMISSION_DENIED")
    assert mlflow(rita)("GET", "experiments/get", {"experiment_id": "0"}).status == 200
    assert mlflow(bob)("POST", "experiments/create", {"name": "a"}).status == 200


def test_a_strangers_workspace_is_not_there(workspace: Workspace, charlie: User) -> None:
    ask = asking(tokens.issue(charlie, "t"), "/w/main/api/2.0/mlflow/")
    answer = ask("GET", "experiments/get", {"experiment_id": "0"})
    assert (answer.status, answer.code) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_plain_addresses_mean_the_preferred_workspace(
    mlflow: Callable[..., Asks], alice: User, workspace: Workspace, make_run: MakeRun
) -> None:
    second = workspaces.create("another", owner=alice)
    ask = mlflow(alice)
    ask("POST", "experiments/create", {"name": "first of her names"})
    accounts.prefer(alice, workspace)
    ask("POST", "experiments/create", {"name": "preferred"})
    # A run's own token has one workspace, whatever its person prefers.
    alone = mlflow(alice, run=make_run(inside=second, experiment_name="e"))
    named = alone("GET", "experiments/get-by-name", {"experiment_name": "e"})
    names = {
        place: list(place.experiments.values_list("name", flat=True))
        for place in (workspace, second)
    }
    assert names == {
        workspace: ["Default", "preferred"],
        second: ["Default", "first of her names", "e"],
    }
    assert named["experiment"]["experiment_id"] == "2"


def test_who_belongs_nowhere_is_told_so(db: None, mlflow: Callable[..., Asks]) -> None:
    answer = mlflow(accounts.create_user("alone"))("GET", "experiments/get", {"experiment_id": "0"})
    assert (answer.status, answer.code) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert "You belong to no workspace." in answer.message


def test_a_body_is_json_and_says_so(ask: Asks) -> None:
    plain = ask("POST", "experiments/create", {"name": "a"}, **{"Content-Type": "text/plain"})
    assert (plain.status, plain.code) == (400, "INVALID_PARAMETER_VALUE")
    assert plain.message == ("Bad Request. Content-Type must be one of ['application/json'].")
    with_charset = {"Content-Type": "application/json; charset=utf-8"}
    assert ask("POST", "experiments/create", {"name": "a"}, **with_charset).status == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b"nonsense", b'"nonsense"', b"\xff", b"null"])
def test_what_is_no_json_object_is_refused(ask: Asks, body: bytes) -> None:
    answer = ask("POST", "experiments/create", body)
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "a", "unknown": {"field": [1]}},
        {"name": "a", "artifactLocation": "", "tags": [{"key": "k", "value": "v", "more": 1}]},
        {"name": "a", "tags": None, "artifact_location": None},
        json.dumps({"name": "a"}),
    ],
)
def test_proto_json_is_read_as_it_may_be_written(ask: Asks, body: object) -> None:
    assert ask("POST", "experiments/create", body)["experiment_id"] == "1"


def test_names_may_be_camel_case_but_not_both(ask: Asks) -> None:
    assert ask("GET", "experiments/get", {"experimentId": "0"}).status == 200
    body = {"experimentId": "0", "newName": "b"}
    assert ask("POST", "experiments/update", body).status == 200
    twice = ask("POST", "experiments/update", {**body, "new_name": "b"})
    assert (twice.status, twice.code) == (400, "INVALID_PARAMETER_VALUE")
    assert "two spellings" in twice.message


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": None}])
def test_a_required_parameter_that_is_missing_is_named(ask: Asks, body: object) -> None:
    answer = ask("POST", "experiments/create", body)
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert answer.message == (
        "Missing value for required parameter 'name'. "
        "See the API docs for more information about request parameters."
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1, "Invalid value 1 for parameter 'name' supplied: Hint: Value was of type 'int'."),
        (
            ["a"],
            "Invalid value [\"a\"] for parameter 'name' supplied: Hint: Value was of type 'list'.",
        ),
        ({"a": 1.5}, "Invalid value {\"a\":1.5} for parameter 'name' supplied: "),
        (True, "Invalid value true for parameter 'name' supplied: Hint: Value was of type 'bool'."),
    ],
)
def test_a_value_of_another_type_is_named(ask: Asks, value: object, said: str) -> None:
    answer = ask("POST", "experiments/create", {"name": value})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert answer.message.startswith(said)


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "a" * 501])
def test_a_text_that_no_database_stores_is_refused(ask: Asks, name: str) -> None:
    answer = ask("POST", "experiments/create", {"name": name})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")


def test_a_long_body_is_read_and_a_longer_one_refused(ask: Asks) -> None:
    padding = "x" * (6 * 1024 * 1024)
    assert ask("POST", "experiments/create", {"name": "a", "unknown": padding}).status == 200
    much = ask("POST", "experiments/create", b" " * (limits.MLFLOW_BODY_BYTES + 1))
    assert (much.status, much.code) == (400, "INVALID_PARAMETER_VALUE")


def test_what_is_not_set_is_left_out(ask: Asks) -> None:
    experiment = ask("GET", "experiments/get", {"experiment_id": "0"})["experiment"]
    assert "tags" not in experiment
    assert isinstance(experiment["creation_time"], int)
    assert ask("POST", "experiments/update", {"experiment_id": "0", "new_name": "b"}).document == {}


def test_no_cookie_signs_in_here(alice: User, workspace: Workspace, client: Client) -> None:
    client.force_login(alice)
    assert client.get("/api/2.0/mlflow/experiments/get?experiment_id=0").status_code == 401


def test_a_failure_of_ours_is_told_in_their_form(
    ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runs.api.mlflow import experiments

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(experiments, "_find", fail)
    answer = ask("GET", "experiments/get", {"experiment_id": "0"})
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")


def test_agents_and_proxies_reach_it_without_tls(settings: LazySettings, ask: Asks) -> None:
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    for place in ("/health", "/w/main/version", "/ajax-api/3.0/mlflow/server-info"):
        assert client.get(place).status_code == 200
    for route in ROUTES:
        for place in mlflow.addresses(route):
            filled = re.sub("<[^>]+>", "main", place)
            assert client.generic(route.method, f"/{filled}").status_code == 401


def test_members_of_one_workspace_need_name_none(
    mlflow: Callable[..., Asks], workspace: Workspace
) -> None:
    dora = accounts.create_user("dora")
    workspaces.add_member(workspace, dora, Role.CONTRIBUTOR)
    mlflow(dora)("POST", "experiments/create", {"name": "hers"})
    assert workspace.experiments.filter(name="hers").exists()
