"""Calls that work on many runs."""

from __future__ import annotations

from typing import Any

from runs.actions import bulk_work
from tests.api.conftest import Call

BULK, RUNS = "/workspaces/main/bulk", "/workspaces/main/runs"
ALL: dict[str, Any] = {"query": {}}
TAGS = {"quality": "good", "worth another look": None}


def read(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def seen(call: Call, chosen: dict[str, Any]) -> Any:
    return read(call("POST", f"{BULK}/preview", {"selection": chosen}))


def begun(call: Call, action: str, chosen: dict[str, Any], **rest: Any) -> Any:
    return read(call("POST", BULK, {"action": action, "selection": chosen, **rest}), 201)


def finish() -> None:
    while bulk_work.work("worker", 60):
        pass


def listed(call: Call, query: str = "") -> set[str]:
    items = read(call("GET", f"{RUNS}?includeChildren=true{query}"))["items"]
    return {item["runId"] for item in items}
