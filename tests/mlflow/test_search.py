"""Their search for runs: the language, the order, the pages, and the stages of life."""

from __future__ import annotations

from typing import Any

import pytest

from runs.models import Run
from tests.mlflow.conftest import Asks
from tests.mlflow.test_runs import made


def found(ask: Asks, filter: str = "", **more: Any) -> list[str]:
    body = {"experiment_ids": ["0"], "filter": filter, **more}
    answer = ask("POST", "runs/search", body)
    assert answer.status == 200, answer.message
    return [run["info"]["run_name"] for run in answer.document.get("runs", [])]


@pytest.fixture
def three(ask: Asks) -> list[str]:
    """Runs a, b and c, of which c is the newest and lacks what the others have."""
    ids = []
    for place, name in enumerate("abc"):
        tags = [{"key": "team", "value": f"Team {name}"}] if name != "c" else []
        run_id = made(
            ask, run_name=name, start_time=1_000 * (place + 1), user_id=f"user-{name}", tags=tags
        )
        if name != "c":
            batch = {
                "run_id": run_id,
                "metrics": [{"key": "m", "value": place + 0.5, "timestamp": 1, "step": 1}],
                "params": [{"key": "p q", "value": f"v_{name}"}, {"key": "lr", "value": "0.1"}],
            }
            assert ask("POST", "runs/log-batch", batch).status == 200
        ids.append(run_id)
    nan = {"run_id": ids[2], "key": "loss.min", "value": "NaN", "timestamp": 1}
    ask("POST", "runs/log-metric", nan)
    ask("POST", "runs/update", {"run_id": ids[0], "status": "FINISHED", "end_time": 5_000})
    ask("POST", "runs/set-tag", {"run_id": ids[1], "key": "mlflow.note.content", "value": "noted"})
    return ids


@pytest.mark.parametrize(
    ("filter", "names"),
    [
        ("", "cba"),
        ("metrics.m > 0.5", "b"),
        ("metrics.m >= 0.5 and metric.m <= 1.5", "ba"),
        ("metrics.m = 1.5", "b"),
        ("metrics.m != 1.5", "a"),
        ("metrics.m < 5e-1", ""),
        ('metrics."loss.min" != 3', "c"),
        ("metrics.`loss.min` > 0", ""),
        ("params.`p q` = 'v_a'", "a"),
        ("param.\"p q\" != 'v_a'", "b"),
        ("parameters.lr = '0.1'", "ba"),
        ("params.lr = '0.10'", ""),
        ("params.`p q` LIKE 'v\\_%'", ""),
        ("params.`p q` LIKE 'v__'", "ba"),
        ("params.`p q` LIKE 'V%'", ""),
        ("params.`p q` ILIKE 'V%B'", "b"),
        ("params.lr IS NULL", "c"),
        ("params.lr is not null", "ba"),
        ("tags.team = 'Team a'", "a"),
        ("tag.team != 'Team a'", "b"),
        ("tags.team LIKE 'Team%'", "ba"),
        ("tags.team LIKE 'team%'", ""),
        ("tags.team ILIKE 'team%' AND tags.team IS NOT NULL", "ba"),
        ("tags.mlflow.runName = 'b'", "b"),
        ("tags.`mlflow.runName` LIKE '%'", "cba"),
        ("tags.mlflow.note.content = 'noted'", "b"),
        ("tags.mlflow.note.content IS NULL", "ca"),
        ("tags.mlflow.parentRunId IS NULL", "cba"),
        ("run_name = 'a'", "a"),
        ("attributes.`Run name` != 'a'", "cb"),
        ("attr.run_name ILIKE 'A'", "a"),
        ("status = 'FINISHED'", "a"),
        ("attributes.status != 'FINISHED'", "cb"),
        ("status LIKE 'RUN%'", "cb"),
        ("start_time > 1000", "cb"),
        ("start_time = 1000", "a"),
        ("created != 1000", "cb"),
        ("attribute.start_time <= 2000", "ba"),
        ("start_time < 2000.5", "ba"),
        ("end_time >= 5000", "a"),
        ("end_time != 5000", ""),
        ("start_time > -1e300", "cba"),
        ("user_id = 'user-b'", "b"),
        ("run.user_id LIKE 'user-_'", "cba"),
        ("artifact_uri = 'nowhere'", ""),
        ("dataset.name = 'iris'", ""),
        ("  metrics.m>0.5   AND tags.team='Team b' ", "b"),
    ],
)
def test_a_filter_finds_what_it_says(ask: Asks, three: list[str], filter: str, names: str) -> None:
    assert "".join(found(ask, filter)) == names


def test_runs_are_found_by_their_ids(ask: Asks, three: list[str]) -> None:
    a, b, _ = three
    assert found(ask, f"run_id = '{a}'") == ["a"]
    assert found(ask, f"attributes.run_id IN ('{a}', '{b}')") == ["b", "a"]
    assert found(ask, f"run_id not in ('{a}','{b}')") == ["c"]
    assert found(ask, f"artifact_uri = 'mlflow-artifacts:/0/{a}/artifacts'") == ["a"]


@pytest.mark.parametrize(
    ("filter", "said"),
    [
        ("metrics.m > 1 OR metrics.m < 0", "Invalid clause(s) in filter string: 'OR"),
        ("(metrics.m > 1)", "Invalid clause(s) in filter string"),
        ("metrics.m > 1;", "Invalid clause(s) in filter string"),
        ("metrics.m", "Invalid clause(s) in filter string"),
        ("metrics.m > 1 metrics.n > 2", "Invalid clause(s) in filter string"),
        ("metrics.m > '1'", "Expected numeric value type for metric. Found '1'"),
        ("metrics.m LIKE 'a'", "Invalid comparator 'LIKE' not one of"),
        ("metrics.zz IS NULL", "only supported for tags and params, not for 'metric' 'zz'"),
        (
            "params.lr = 1",
            "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 1",
        ),
        ("params.lr > '1'", "Invalid comparator '>' not one of"),
        ("tags.team = foo", "Expected a quoted string value for tag"),
        ("foo.bar = 'x'", "Invalid entity type 'foo'. Valid values are ["),
        ("attributes.foo = 'x'", "Invalid attribute key 'foo' specified. Valid keys are '"),
        ("foo = 'x'", "Invalid attribute key 'foo' specified."),
        ("datasets.foo = 'x'", "Invalid dataset key 'foo' specified"),
        ("run_id IN ()", "expected a non-empty list of string values, but got empty list"),
        ("run_id IN (1)", "expected a non-empty list of string values"),
        ("status IN ('a')", "Only ['run_id'] attributes support comparison with a list"),
        ("start_time = '1'", "Expected numeric value type for attribute"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(ask: Asks, filter: str, said: str) -> None:
    answer = ask("POST", "runs/search", {"experiment_ids": ["0"], "filter": filter})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert said in answer.message


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (["metrics.m"], "abc"),
        (["metrics.m DESC"], "bac"),
        (["metrics.`loss.min` ASC"], "cba"),
        (["params.`p q` desc"], "bac"),
        (["tags.team"], "abc"),
        (["tags.mlflow.note.content"], "bca"),
        (["attributes.start_time ASC"], "abc"),
        (["end_time"], "acb"),
        (["run_name DESC"], "cba"),
        (["params.lr", "run_name"], "abc"),
        (["user_id DESC"], "cba"),
        (["status"], "acb"),
    ],
)
def test_an_order_puts_what_is_missing_last(
    ask: Asks, three: list[str], order: list[str], names: str
) -> None:
    assert "".join(found(ask, order_by=order)) == names


def test_not_a_number_stands_behind_numbers_and_before_nothing(ask: Asks, three: list[str]) -> None:
    for place, value in ((0, 1.0), (2, "NaN")):
        body = {"run_id": three[place], "key": "n", "value": value, "timestamp": 1}
        ask("POST", "runs/log-metric", body)
    assert (
        found(ask, order_by=["metrics.n DESC"])
        == found(ask, order_by=["metrics.n"])
        == ["a", "c", "b"]
    )


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (["metrics.m SIDEWAYS"], "Invalid ordering key in order_by clause 'metrics.m SIDEWAYS'"),
        (["metrics.m", "metric.m DESC"], "`order_by` contains duplicate fields"),
        (["dataset.name"], "Invalid identifier type 'dataset'"),
        (["foo.m"], "Invalid entity type 'foo'"),
        (["foo"], "Invalid attribute key 'foo' specified"),
        ([""], "Invalid ordering key"),
    ],
)
def test_an_order_that_cannot_be_is_refused(ask: Asks, order: list[str], said: str) -> None:
    answer = ask("POST", "runs/search", {"experiment_ids": ["0"], "order_by": order})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert said in answer.message


def test_pages_hold_every_run_once(ask: Asks, three: list[str]) -> None:
    names, token = [], ""
    for _ in range(3):
        body = {"experiment_ids": ["0"], "max_results": 1, "page_token": token}
        page = ask("POST", "runs/search", body).document
        names += [run["info"]["run_name"] for run in page["runs"]]
        token = page.get("next_page_token", "")
    assert (names, token) == (["c", "b", "a"], "")


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("?", "could not base64-decode"),
        ("Zm9v", "decoded value="),
        ("eyJvZmZzZXQiOiAieCJ9", "parsed value="),
    ],
)
def test_a_token_that_is_none_is_refused(ask: Asks, token: str, said: str) -> None:
    answer = ask("POST", "runs/search", {"experiment_ids": ["0"], "page_token": token})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert answer.message.startswith("Invalid page token, ")
    assert said in answer.message


def test_no_experiment_holds_no_run_and_counts_are_bounded(ask: Asks, three: list[str]) -> None:
    for ids in ([], ["99"], ["9" * 30]):
        assert ask("POST", "runs/search", {"experiment_ids": ids}).document == {}
    assert ask("POST", "runs/search", {"experiment_ids": ["abc"]}).status == 400
    for count in (0, -1, 50_001):
        answer = ask("POST", "runs/search", {"experiment_ids": ["0"], "max_results": count})
        assert answer.message.startswith(
            f"Invalid value {count} for parameter 'max_results' supplied"
        )


def test_a_view_shows_a_stage_of_life(ask: Asks, three: list[str]) -> None:
    ask("POST", "runs/delete", {"run_id": three[0]})
    number = ask("POST", "experiments/create", {"name": "gone"})["experiment_id"]
    made(ask, run_name="g", experiment_id=number)
    ask("POST", "experiments/delete", {"experiment_id": number})

    def view(name: object) -> str:
        return "".join(sorted(found(ask, run_view_type=name, experiment_ids=["0", number])))

    assert view("ACTIVE_ONLY") == view(1) == "bc"
    assert view("DELETED_ONLY") == "ag"
    assert view("ALL") == "abcg"
    wrong = ask("POST", "runs/search", {"experiment_ids": ["0"], "run_view_type": "SOME"})
    assert wrong.status == 400


def test_children_are_found_by_their_parent(ask: Asks, three: list[str]) -> None:
    child = [{"key": "mlflow.parentRunId", "value": three[0]}]
    made(ask, run_name="child", tags=child)
    assert found(ask, f"tags.mlflow.parentRunId = '{three[0]}'") == ["child"]
    assert found(ask, f"tags.`mlflow.parentRunId` = '{three[1]}'") == []
    assert Run.objects.get(display_name="child").depth == 1


def test_a_page_of_runs_costs_the_same_for_any_number(
    ask: Asks, three: list[str], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(14):
        assert len(found(ask)) == 3


def test_a_history_comes_in_order_of_time_and_page_by_page(ask: Asks, three: list[str]) -> None:
    run_id = three[0]
    for value, time, step in ((3.0, 30, 1), (1.0, 10, 2), ("NaN", 20, 0), (2.0, 10, 1)):
        body = {"run_id": run_id, "key": "h", "value": value, "timestamp": time, "step": step}
        ask("POST", "runs/log-metric", body)
    asked = {"run_id": run_id, "metric_key": "h"}
    points = ask("GET", "metrics/get-history", asked)["metrics"]
    expected = [(2.0, 10, 1), (1.0, 10, 2), ("NaN", 20, 0), (3.0, 30, 1)]
    assert [(p["value"], p["timestamp"], p["step"]) for p in points] == expected
    first = ask("GET", "metrics/get-history", {**asked, "max_results": 3}).document
    token = first["next_page_token"]
    last = ask(
        "GET", "metrics/get-history", {**asked, "max_results": 3, "page_token": token}
    ).document
    assert first["metrics"] + last["metrics"] == points
    assert "next_page_token" not in last
    assert ask("GET", "metrics/get-history", {**asked, "max_results": 0}).status == 400
    for nobody in ({**asked, "metric_key": "x"}, {**asked, "run_id": "0" * 32}):
        assert ask("GET", "metrics/get-history", nobody).document == {}


def test_histories_of_several_runs_come_together(ask: Asks, three: list[str], alice: Any) -> None:
    from runs.actions import tokens
    from tests.mlflow.conftest import asking

    ajax = asking(tokens.issue(alice, "t"), "/ajax-api/2.0/mlflow/")
    both = ajax("GET", "metrics/get-history-bulk", {"run_id": three, "metric_key": "m"})["metrics"]
    assert [(p["run_id"], p["value"]) for p in both] == sorted([(three[0], 0.5), (three[1], 1.5)])
    assert ajax("GET", "metrics/get-history-bulk", {"metric_key": "m"}).status == 400
    assert ask("GET", "metrics/get-history-bulk", {"metric_key": "m"}).code == "ENDPOINT_NOT_FOUND"
    points = [{"key": "s", "value": n, "timestamp": 1, "step": n} for n in range(100)]
    ask("POST", "runs/log-batch", {"run_id": three[0], "metrics": points})
    asked = {"run_ids": [three[0]], "metric_key": "s", "max_results": 10}
    thin = ask("GET", "metrics/get-history-bulk-interval", asked)["metrics"]
    assert (len(thin), thin[0]["step"], thin[-1]["step"]) == (10, 0, 99)
    part = ask(
        "GET", "metrics/get-history-bulk-interval", {**asked, "start_step": 5, "end_step": 7}
    )
    assert [p["step"] for p in part["metrics"]] == [5, 6, 7]
    assert ask("GET", "metrics/get-history-bulk-interval", {**asked, "start_step": 5}).status == 400
