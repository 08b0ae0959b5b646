"""One studio for the tests of a file, and writers that end with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.studio_process import StudioProcess
from tests.faults.proxy import Proxy
from tests.faults.writing import Writer

StartWriter = Callable[..., Writer]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    process = StudioProcess(tmp_path_factory.mktemp("studio") / "var")
    process.start()
    yield process
    process.stop()


@pytest.fixture
def proxy(studio: StudioProcess) -> Iterator[Proxy]:
    proxy = Proxy(studio.port)
    yield proxy
    proxy.close()


@pytest.fixture
def start_writer(tmp_path: Path) -> Iterator[StartWriter]:
    writers: list[Writer] = []

    def start(url: str, **options: Path) -> Writer:
        writers.append(Writer(tmp_path / f"writer-{len(writers)}", url, **options))
        return writers[-1]

    yield start
    for writer in writers:
        writer.kill()
