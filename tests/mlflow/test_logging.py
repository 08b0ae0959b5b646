"""What their clients log: parameters, tags and metrics, one by one and in batches, sent once or often."""

from __future__ import annotations

from typing import Any

import pytest

from runs.models import Metric, Run, RunTag
from runs.stores.metrics import POINTS_PER_CHUNK
from tests.mlflow.conftest import Asks
from tests.mlflow.test_runs import got, made, tags


@pytest.fixture
def run_id(ask: Asks) -> str:
    return made(ask)


def standing(ask: Asks, run_id: str) -> dict[str, tuple[object, int, int]]:
    found = got(ask, run_id)["data"].get("metrics", [])
    return {m["key"]: (m["value"], m["timestamp"], m["step"]) for m in found}


def points(name: str) -> int:
    return Metric.objects.get(name=name).count


def log(ask: Asks, run_id: str, key: str, value: object, timestamp: object, **more: Any) -> Any:
    body = {"run_id": run_id, "key": key, "value": value, "timestamp": timestamp, **more}
    return ask("POST", "runs/log-metric", body)


def point(key: str, value: object, timestamp: object = 1, step: object = 0) -> dict[str, object]:
    return {"key": key, "value": value, "timestamp": timestamp, "step": step}


def test_a_metric_stands_at_its_greatest_step_then_time_then_value(ask: Asks, run_id: str) -> None:
    for value, timestamp, step in (
        (1.0, 10, 1),
        (0.5, 20, 1),
        (0.1, 30, 0),
        (0.7, 20, 1),
        (0.6, 20, 1),
    ):
        assert log(ask, run_id, "m", value, timestamp, step=step).document == {}
    assert standing(ask, run_id) == {"m": (0.7, 20, 1)}
    assert points("m") == 5
    batch = [point("m", 9.0, 1, 7), point("m", 2.0, 99, 3), point("n", 5.0, 5, -3)]
    ask("POST", "runs/log-batch", {"run_id": run_id, "metrics": batch})
    assert standing(ask, run_id) == {"m": (9.0, 1, 7), "n": (5.0, 5, -3)}


def test_the_same_point_is_stored_once(ask: Asks, run_id: str) -> None:
    log(ask, run_id, "m", "NaN", 5, step=1)
    batch = [
        point("m", 1.5, 10, 2),
        point("m", 1.5, 10, 2),
        point("m", 0.5, 10, 2),
        point("m", "NaN", 5, 1),
    ]
    for _ in range(3):
        ask("POST", "runs/log-batch", {"run_id": run_id, "metrics": batch})
        log(ask, run_id, "m", 1.5, 10, step=2)
    assert points("m") == 3
    log(ask, run_id, "m", 1.5, 11, step=2)
    assert points("m") == 4


def test_a_batch_that_was_long_ago_is_known_when_it_comes_again(ask: Asks, run_id: str) -> None:
    batches = [
        {
            "run_id": run_id,
            "metrics": [point("m", i / 7, i, i) for i in range(start, start + 1_000)],
        }
        for start in range(0, 3_000, 1_000)
    ]
    for batch in [*batches, batches[0], batches[2]]:
        assert ask("POST", "runs/log-batch", batch).status == 200
    assert points("m") == 3_000 > 2 * POINTS_PER_CHUNK
    mixed = [point("m", 5 / 7, 5, 5), point("m", 5 / 7, 5, 6)]
    ask("POST", "runs/log-batch", {"run_id": run_id, "metrics": mixed})
    assert points("m") == 3_001


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("NaN", "NaN"),
        ("Infinity", 1.7976931348623157e308),
        ("-Infinity", -1.7976931348623157e308),
        ("0.25", 0.25),
        (1, 1.0),
        (-0.0, 0.0),
        (1e-320, 1e-320),
    ],
)
def test_every_float_comes_back_as_json_can_say_it(
    ask: Asks, run_id: str, sent: object, told: object
) -> None:
    assert log(ask, run_id, "m", sent, "1700000000123", step="2").status == 200
    assert standing(ask, run_id) == {"m": (told, 1_700_000_000_123, 2)}
    metric = Metric.objects.get()
    assert (metric.last_number is None) == (told == "NaN")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"key": ""}, "Missing value for required parameter 'key'."),
        ({"value": None}, "Missing value for required parameter 'value'."),
        ({"timestamp": None}, "Missing value for required parameter 'timestamp'."),
        ({"timestamp": "foo"}, "Invalid value \"foo\" for parameter 'timestamp' supplied"),
        ({"timestamp": 1.5}, "Invalid value 1.5 for parameter 'timestamp' supplied"),
        (
            {"step": "foo"},
            "Invalid value \"foo\" for parameter 'step' supplied: Hint: Value was of type 'str'.",
        ),
        ({"step": 1.5}, "Invalid value 1.5 for parameter 'step' supplied"),
        ({"step": 2**63}, "step: The number is beyond 64 bits."),
        ({"value": "foo"}, "Invalid value \"foo\" for parameter 'value' supplied"),
        ({"value": [1]}, "Invalid value [1] for parameter 'value' supplied"),
        ({"key": "a" * 251}, "'Metric name' exceeds the maximum length of 250 characters"),
        (
            {"key": "a*b"},
            "Invalid value \"a*b\" for parameter 'name' supplied: Names may only contain",
        ),
        ({"key": "a//b"}, "This name would resolve to 'a/b'"),
        (
            {"timestamp": -1},
            "Invalid value -1 for parameter 'timestamp' supplied: metric 'm' (value=1.0). "
            "Timestamp must be a nonnegative long (64-bit integer) ",
        ),
        ({"timestamp": 2**62}, "Timestamp must be a nonnegative long"),
    ],
)
def test_a_metric_that_cannot_be_is_refused(
    ask: Asks, run_id: str, body: dict[str, object], said: str
) -> None:
    answer = ask("POST", "runs/log-metric", {"run_id": run_id, **point("m", 1.0), **body})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert said in answer.message
    assert not Metric.objects.exists()


def test_a_metric_keeps_its_kind(ask: Asks, run_id: str) -> None:
    log(ask, run_id, "table", 1.0, 1)
    Metric.objects.update(kind="image")
    answer = log(ask, run_id, "table", 2.0, 2)
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")


def test_an_ended_run_still_takes_metrics(ask: Asks, run_id: str) -> None:
    ask("POST", "runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": 5})
    assert log(ask, run_id, "late", 1.0, 1).status == 200
    assert standing(ask, run_id) == {"late": (1.0, 1, 0)}


def test_a_parameter_is_said_once(ask: Asks, run_id: str) -> None:
    def say(value: object) -> Any:
        return ask("POST", "runs/log-parameter", {"run_id": run_id, "key": "k", "value": value})

    long = "x" * 6_001
    assert [say(value).status for value in (long, long, "x" * 6_000)] == [200] * 3
    answer = say("other")
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert answer.message == (
        f"Changing param values is not allowed. Param with key='k' was already logged with "
        f"value='{'x' * 6_000}' for run ID='{run_id}'. Attempted logging new value 'other'."
    )
    ask("POST", "runs/log-parameter", {"run_id": run_id, "key": "empty"})
    found = got(ask, run_id)["data"]["params"]
    assert found == [{"key": "k", "value": "x" * 6_000}, {"key": "empty", "value": ""}]
    assert "for parameter 'value' supplied" in say(1).message
    wrong = ask("POST", "runs/log-parameter", {"run_id": run_id, "key": "k" * 251, "value": ""})
    assert "'Param key' exceeds the maximum length of 250 characters" in wrong.message


def test_tags_change_rename_and_go(ask: Asks, run_id: str) -> None:
    def put(key: str, value: str) -> None:
        assert (
            ask("POST", "runs/set-tag", {"run_id": run_id, "key": key, "value": value}).status
            == 200
        )

    put("k", "v" * 8_001)
    put("k2", "")
    put("mlflow.runName", "named")
    put("mlflow.runName", "")
    put("mlflow.note.content", "note")
    assert tags(ask, run_id) == {
        "k": "v" * 8_000,
        "k2": "",
        "mlflow.runName": "named",
        "mlflow.note.content": "note",
    }
    for key in ("k", "mlflow.note.content"):
        assert ask("POST", "runs/delete-tag", {"run_id": run_id, "key": key}).status == 200
        again = ask("POST", "runs/delete-tag", {"run_id": run_id, "key": key})
        assert (again.status, again.code) == (404, "RESOURCE_DOES_NOT_EXIST")
        assert again.message == f"No tag with name: {key} in run with id {run_id}"
    assert tags(ask, run_id) == {"k2": "", "mlflow.runName": "named"}


def test_a_batch_holds_points_parameters_and_tags(ask: Asks, run_id: str) -> None:
    batch = {
        "run_id": run_id,
        "metrics": [point(f"m{n}", float(n)) for n in range(800)],
        "params": [{"key": f"p{n}", "value": str(n)} for n in range(100)],
        "tags": [{"key": f"t{n}", "value": str(n)} for n in range(99)]
        + [{"key": "t0", "value": "last"}],
    }
    for _ in range(2):
        assert ask("POST", "runs/log-batch", batch).document == {}
    seen = got(ask, run_id)["data"]
    assert (len(seen["metrics"]), len(seen["params"])) == (800, 100)
    found = tags(ask, run_id)
    assert (found.pop("mlflow.runName") != "", found["t0"], len(found)) == (True, "last", 99)
    assert RunTag.objects.count() == 99
    for fields in ((), ("metrics", "params", "tags")):
        empty = {"run_id": run_id, **{field: list[object]() for field in fields}}
        assert ask("POST", "runs/log-batch", empty).document == {}


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        (
            {"metrics": [point("m", 1, n) for n in range(1_001)]},
            "at most 1000 metrics. Got 1001 metrics.",
        ),
        ({"params": [{"key": f"{n}"} for n in range(101)]}, "at most 100 params. Got 101 params."),
        ({"tags": [{"key": f"{n}"} for n in range(101)]}, "at most 100 tags. Got 101 tags."),
        (
            {"metrics": [point("m", 1, n) for n in range(1_000)], "tags": [{"key": "k"}]},
            "at most 1000 metrics, params, and tags. Got 1001 metrics, params, and tags.",
        ),
        (
            {"metrics": [{"key": "m", "value": 1}]},
            "Missing value for required parameter 'metrics[0].timestamp'.",
        ),
        (
            {"metrics": [{"value": 1, "timestamp": 1}]},
            "required parameter 'metrics[0].key'.",
        ),
        (
            {"metrics": "foo"},
            "Invalid value \"foo\" for parameter 'metrics' supplied: Hint: Value was of type 'str'.",
        ),
        ({"metrics": [point("a*", 1)]}, "for parameter 'metrics[0].name' supplied: Names may only"),
        ({"metrics": [point("a" * 251, 1)]}, "'Metric name' exceeds the maximum length of 250"),
        (
            {"metrics": [point("m", 1, -1)]},
            "for parameter 'metrics[0].timestamp' supplied: metric 'm'",
        ),
        ({"params": [{"key": "k" * 251}]}, "'params[0].key' exceeds the maximum length of 250"),
        ({"tags": [{"key": "../k"}]}, "for parameter 'tags[0].key' supplied: Names may be treated"),
        (
            {"params": [{"key": "d", "value": "1"}, {"key": "d", "value": "1"}]},
            "Duplicate parameter keys have been submitted: ['d']. Please ensure the request contains "
            "only one param value per param key.",
        ),
        ({"run_id": "no/id"}, "Invalid run ID"),
    ],
)
def test_a_batch_that_cannot_be_writes_nothing(
    ask: Asks, run_id: str, batch: dict[str, Any], said: str
) -> None:
    good = {"metrics": [point("good", 1.0)]} if "metrics" not in batch else {}
    answer = ask("POST", "runs/log-batch", {"run_id": run_id, **good, **batch})
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert said in answer.message
    assert not Metric.objects.exists()


def test_a_parameter_that_differs_takes_the_batch_with_it(ask: Asks, run_id: str) -> None:
    ask("POST", "runs/log-parameter", {"run_id": run_id, "key": "bp", "value": "1"})
    batch = {
        "run_id": run_id,
        "metrics": [point("m", 1.0)],
        "params": [{"key": "new", "value": "1"}, {"key": "bp", "value": "9"}],
        "tags": [{"key": "t", "value": "v"}],
    }
    answer = ask("POST", "runs/log-batch", batch)
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER_VALUE")
    assert answer.message == (
        "Changing param values is not allowed. Params were already logged="
        f"'[{{'key': 'bp', 'old_value': '1', 'new_value': '9'}}]' for run ID='{run_id}'."
    )
    seen = got(ask, run_id)["data"]
    assert "metrics" not in seen
    assert seen["params"] == [{"key": "bp", "value": "1"}]
    assert not Run.objects.get().tags
