"""Calls as MLflow's clients make them: ``mlflow(alice)("POST", "experiments/create", {…})``."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from runs.actions import tokens
from runs.models import User

ROOT = "/api/2.0/mlflow/"


@dataclass(frozen=True)
class Answer:
    """What came back: its status, its document, and of an error the code and the text."""

    status: int
    document: dict[str, Any]
    response: Any

    @property
    def code(self) -> str:
        return str(self.document.get("error_code", ""))

    @property
    def message(self) -> str:
        return str(self.document.get("message", ""))

    def __getitem__(self, name: str) -> Any:
        assert self.status == 200, self.document
        return self.document[name]


Asks = Callable[..., Answer]


def asking(token: str, root: str = ROOT, **headers: str) -> Asks:
    """Return a function that calls with this token; a GET takes its body as a query."""
    client = Client(raise_request_exception=False)
    shown = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(method: str, path: str, body: Any = None, **more: str) -> Answer:
        place, raw = f"{root}{path}", b""
        if method == "GET" and body:
            place += f"?{urlencode(body, doseq=True)}"
        elif method != "GET":
            raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        told = {"Content-Type": "application/json", **shown, **headers, **more}
        kind = told.pop("Content-Type")
        response = client.generic(method, place, raw, content_type=kind, headers=told)
        has_words = not response.streaming and bool(response.content)
        is_json = has_words and response["Content-Type"] == "application/json"
        document = json.loads(response.content, parse_constant=_no_json) if is_json else {}
        return Answer(response.status_code, document, response)

    return ask


def _no_json(word: str) -> float:
    raise AssertionError(f"{word} is no JSON")


@pytest.fixture
def mlflow() -> Callable[..., Asks]:
    """Sign somebody in; keywords are those of the token, such as ``run`` or ``scopes``."""
    return lambda user, **scope: asking(tokens.issue(user, "test", **scope))


@pytest.fixture
def ask(alice: User, workspace: object, mlflow: Callable[..., Asks]) -> Asks:
    """Calls as Alice, in her own workspace."""
    return mlflow(alice)
