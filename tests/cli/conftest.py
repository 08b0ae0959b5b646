"""The command line, against the real studio."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from studio.cli.main import main
from tests.sdk.conftest import background, experiment

__all__ = ["background", "experiment"]
Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command; returns its exit code, what it printed, and what it complained of."""

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main(words)
        except SystemExit as error:
            code = int(error.code or 0)
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def result(cli: Cli) -> Callable[..., Any]:
    """Run a command that should go well; returns the JSON that it printed."""

    def call(*words: str) -> Any:
        code, out, err = cli(*words)
        assert code == 0, err
        return json.loads(out)

    return call
