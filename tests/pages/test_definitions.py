"""What a definition holds on the pages: hostile shapes, and secrets that nobody should read."""

from __future__ import annotations

from typing import Any

import pytest

from runs.models import User
from studio.contract.secrets import VEIL
from tests.conftest import MakeRun
from tests.pages.conftest import Browser

HIDDEN = {"WANDB_API_KEY": "hunter2", "DB_PASSWORD": "hunter2", "key": "hunter2"}


@pytest.mark.parametrize(
    "shape", [5, 0.5, True, "a 'b", {"a": {"b": [1]}}, [1, None], [["x"]], {"items": 3}, "<b>"]
)
def test_a_definition_of_any_shape_is_shown(
    browser: Browser, alice: User, make_run: MakeRun, shape: Any
) -> None:
    parts = ("arguments", "command", "python", "environmentVariables")
    run = make_run(definition=dict.fromkeys(parts, shape), script_name="train.py")
    other = make_run(definition=dict.fromkeys(parts, shape), script_name="train.py")
    client = browser(alice)
    for address in (
        f"/w/main/runs/{run.run_id}/",
        f"/w/main/compare/?runs={run.run_id},{other.run_id}",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert b"<b><" not in answer.content


def test_secrets_are_veiled_on_the_page_of_a_run_and_beside_others(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    shown = {"EPOCHS": "12", "KEYBOARD": "plain"}
    for name in ("one", "two"):
        make_run(run_id=name, definition={"environmentVariables": {**HIDDEN, **shown}})
    client = browser(alice)
    for address in ("/w/main/runs/one/", "/w/main/compare/?runs=one,two&differ=false"):
        html = client.get(address).content.decode()
        assert "hunter2" not in html
        assert VEIL in html
        assert "plain" in html
