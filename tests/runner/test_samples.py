"""What a run takes of its machine becomes metrics of the run, and never costs it anything."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from studio.contract import environ
from studio.runner import _machine, _processes
from studio.runner._samples import Samples, seconds_between
from studio.sdk._exceptions import ServiceException
from studio.sdk._transport import Transport
from tests.runner.conftest import StartRunner, spec_of
from tests.runner.fake_studio import RUN, FakeStudio, wait_for

# Longer than it takes to the first sample.
SLEEPING = "import time; time.sleep(1.8)"
# The work is that of a child, which ends in time for the first sample.
WORKING = """
import subprocess, sys, time
child = "import time\\nwhile time.process_time() < 0.4: pass"
subprocess.run([sys.executable, "-c", child])
time.sleep(2.5)
"""


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(environ.SYSTEM_METRICS, raising=False)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules a runner finds before those that are installed."""
    path = tmp_path / "library"
    path.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(path))
    return path


def sampled(fake: FakeStudio) -> dict[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in fake.rows:
        found[row["name"]].append(row)
    return found


def test_a_short_run_has_one_sample_and_leaves_nothing_on_disk(
    fake: FakeStudio, start: StartRunner, folder: Path
) -> None:
    start(SLEEPING).wait(15)
    found = sampled(fake)
    assert {
        "system/cpu_percent",
        "system/memory_bytes",
        "system/machine_cpu_percent",
        "system/machine_memory_percent",
        "system/network_bytes_per_second",
    } <= set(found)
    assert {len(rows) for rows in found.values()} == {1}
    [memory] = found["system/memory_bytes"]
    assert (memory["kind"], memory["step"]) == ("scalar", 1)
    assert 2**21 < memory["value"] < 2**28
    assert 0 < found["system/machine_memory_percent"][0]["value"] < 100
    assert fake.status == "Completed"
    assert "warnings" not in [what for what, _ in fake.reports]
    assert [path.name for path in (folder / "spool").iterdir() if "reports" not in path.name] == []


def test_the_work_of_a_child_that_has_ended_is_counted(
    fake: FakeStudio, start: StartRunner
) -> None:
    start(WORKING, environment={environ.SYSTEM_METRICS: "1"}).wait(15)
    rows = sampled(fake)["system/cpu_percent"]
    assert [row["step"] for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) >= 2
    # Parts of seconds of one core, whichever sample has them.
    assert 30 < sum(row["value"] for row in rows) < 150


def test_samples_taken_while_the_studio_is_away_arrive_once(
    fake: FakeStudio, start: StartRunner
) -> None:
    fake.is_away = True
    runner = start("import time; time.sleep(3.5)", environment={environ.SYSTEM_METRICS: "1"})
    time.sleep(2.5)
    fake.is_away, fake.loses_answers = False, True
    time.sleep(1.5)
    fake.loses_answers = False
    runner.wait(15)
    steps = [row["step"] for row in sampled(fake)["system/memory_bytes"]]
    assert len(steps) >= 3
    assert steps == list(range(1, len(steps) + 1))


def test_switched_off_there_are_none(
    fake: FakeStudio, start: StartRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environ.SYSTEM_METRICS, "off")
    start(SLEEPING).wait(15)
    assert (fake.rows, fake.status) == ([], "Completed")


def test_a_setting_that_says_nothing_costs_a_warning_not_the_samples(
    fake: FakeStudio, start: StartRunner
) -> None:
    start(SLEEPING, environment={environ.SYSTEM_METRICS: "never"}).wait(15)
    assert "'never': neither off nor a number" in fake.bodies("warnings")[0]["message"]
    assert (bool(fake.rows), fake.status) == (True, "Completed")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("", 10), ("on", 10), (" OFF ", None), ("0", None), ("30", 30), ("2.5", 2.5), ("0.01", 1)],
)
def test_the_setting_is_off_or_seconds(
    fake: FakeStudio, folder: Path, said: str, seconds: float | None
) -> None:
    spec = spec_of(fake, folder, environment={environ.SYSTEM_METRICS: said})
    assert seconds_between(spec) == seconds


@pytest.mark.parametrize(("of_machine", "of_run"), [("off", "5"), ("5", "off")])
def test_what_the_run_says_goes_before_what_its_machine_says(
    fake: FakeStudio,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    of_machine: str,
    of_run: str,
) -> None:
    monkeypatch.setenv(environ.SYSTEM_METRICS, of_machine)
    spec = spec_of(fake, folder, environment={environ.SYSTEM_METRICS: of_run})
    assert seconds_between(spec) == (None if of_run == "off" else 5)


@pytest.mark.parametrize("said", ["never", "nan", "inf", "-3", "10s"])
def test_no_other_setting_is_understood(fake: FakeStudio, folder: Path, said: str) -> None:
    spec = spec_of(fake, folder, environment={environ.SYSTEM_METRICS: said})
    with pytest.raises(ValueError, match=environ.SYSTEM_METRICS):
        seconds_between(spec)


def test_without_psutil_there_are_none_and_the_run_completes(
    fake: FakeStudio, start: StartRunner, library: Path
) -> None:
    (library / "psutil.py").write_text("raise ImportError('no psutil here')")
    start(SLEEPING).wait(15)
    assert (fake.rows, fake.status) == ([], "Completed")
    assert [what for what, _ in fake.reports] == ["start", "finalize", "complete"]


def test_a_library_that_fails_hides_only_its_own_samples(
    fake: FakeStudio, start: StartRunner, library: Path
) -> None:
    # psutil itself, but for what an odd kernel may do to it.
    (library / "psutil.py").write_text(
        f"import importlib, sys\nsys.path.remove({str(library)!r})\ndel sys.modules['psutil']\n"
        "real = importlib.import_module('psutil')\n"
        "def broken(*_, **__): raise ValueError('an odd line')\n"
        "real.cpu_percent = real.net_io_counters = broken\n"
    )
    start(SLEEPING).wait(15)
    assert {"system/cpu_percent", "system/memory_bytes"} <= set(sampled(fake))
    assert not {"system/machine_cpu_percent", "system/network_bytes_per_second"} & set(
        sampled(fake)
    )
    assert fake.status == "Completed"


def fake_nvidia(monkeypatch: pytest.MonkeyPatch, *, breaks: str = "") -> None:
    def utilization(gpu: int) -> SimpleNamespace:
        if gpu == 1:
            raise RuntimeError("Not Supported")
        return SimpleNamespace(gpu=87, memory=3)

    def broken() -> None:
        raise RuntimeError("Driver/library version mismatch")

    library = SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 2,
        nvmlDeviceGetHandleByIndex=lambda number: number,
        nvmlDeviceGetUtilizationRates=utilization,
        nvmlDeviceGetMemoryInfo=lambda gpu: SimpleNamespace(used=(gpu + 1) * 2**30),
    )
    if breaks:
        setattr(library, breaks, broken)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: None)
    monkeypatch.setitem(sys.modules, "pynvml", library)


def one_sample(fake: FakeStudio, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Samples:
    """One sample of this process, instead of those below it, that is still to be delivered."""
    monkeypatch.setattr(_processes, "tree_below", lambda pid: {os.getpid()})
    spool = folder / "spool"
    samples = Samples(RUN, spool, Transport(fake.url, "t", "main", patience=0))
    samples.start(10)
    wait_for(lambda: list(spool.glob("*.rows")), "the first sample")
    samples.stop()
    return samples


def test_each_gpu_tells_its_use_and_memory(
    fake: FakeStudio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_nvidia(monkeypatch)
    one_sample(fake, folder, monkeypatch).deliver()
    told = {row["name"]: row["value"] for row in fake.rows if "gpu" in row["name"]}
    assert told == {
        "system/gpu_0_memory_bytes": 2**30,
        "system/gpu_0_percent": 87,
        "system/gpu_1_memory_bytes": 2 * 2**30,
    }


def test_only_a_studio_that_is_away_is_asked_again(
    fake: FakeStudio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = one_sample(fake, folder, monkeypatch)
    fake.is_away = True
    with pytest.raises(ServiceException):
        samples.deliver()
    fake.is_away, fake.is_gone = False, True
    samples.deliver()
    fake.is_gone = False
    samples.deliver()
    assert fake.rows == []


def test_a_spool_that_the_script_emptied_does_not_hold_up_the_courier(
    fake: FakeStudio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = one_sample(fake, folder, monkeypatch)
    for path in (folder / "spool").glob("*.rows"):
        path.unlink()
    samples.deliver()
    assert fake.rows == []


def test_a_broken_driver_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_nvidia(monkeypatch, breaks="nvmlInit")
    told = _machine.Machine().read([os.getpid()])
    assert told["memory_bytes"] > 0
    assert not [name for name in told if "gpu" in name]


def test_memory_is_that_of_all_processes_of_the_run() -> None:
    machine = _machine.Machine()
    one = machine.read([os.getpid()])["memory_bytes"]
    both = machine.read([os.getpid(), os.getppid(), 2**22 + 1])["memory_bytes"]
    assert both - one == pytest.approx(psutil.Process(os.getppid()).memory_info().rss, rel=0.2)
