"""The studio may come and go: every byte and every report arrives once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from studio.contract import limits
from studio.runner._courier import Courier
from studio.runner._folder import RunFolder
from studio.runner._reports import Reports, StudioAway
from studio.sdk._transport import Transport
from tests.runner.conftest import StartRunner, spec_of
from tests.runner.fake_studio import RUN, STD_LOG, FakeStudio, wait_for

LINES = 150
COUNTING = f"""
import time
for n in range({LINES}):
    print(f"line {{n}}", flush=True)
    time.sleep(0.01)
"""


def test_a_log_arrives_once_though_answers_are_lost_and_the_studio_is_away(
    fake: FakeStudio, start: StartRunner
) -> None:
    runner = start(COUNTING)
    wait_for(lambda: "line 20\n" in fake.log, "some lines")
    fake.loses_answers = True
    time.sleep(0.5)
    fake.loses_answers, fake.is_away = False, True
    time.sleep(0.5)
    fake.is_away = False
    runner.wait(30)
    assert fake.log.splitlines() == [f"line {n}" for n in range(LINES)]
    assert [what for what, _ in fake.reports] == ["start", "finalize", "complete"]


def test_a_run_that_ends_while_the_studio_is_away_is_told_later(
    fake: FakeStudio, start: StartRunner
) -> None:
    fake.is_away = True
    runner = start("print('bye'); raise SystemExit(3)")
    time.sleep(1.5)
    assert runner.poll() is None
    assert fake.reports == []
    fake.is_away = False
    runner.wait(15)
    assert [what for what, _ in fake.reports] == ["start", "finalize", "fail"]
    assert (fake.final["exitCode"], fake.log) == (3, "bye\n")


def test_a_studio_that_lost_the_end_of_a_log_is_given_it_again(
    fake: FakeStudio, start: StartRunner
) -> None:
    runner = start("import time; print('first', flush=True); time.sleep(1.5); print('last')")
    wait_for(lambda: fake.log == "first\n", "the first line")
    del fake.logs[STD_LOG][2:]
    runner.wait(15)
    assert fake.log == "first\nlast\n"


def test_a_torn_report_hides_neither_those_before_nor_those_after_it(
    fake: FakeStudio, tmp_path: Path
) -> None:
    transport = Transport(fake.url, "t", "main", patience=0)
    first = Reports(tmp_path, RUN, transport)
    first.add("start", {})
    first.deliver()
    with (tmp_path / "reports.jsonl").open("ab") as file:
        file.write(b'{"what": "comp')
    second = Reports(tmp_path, RUN, transport)
    second.add("fail", {"exitCode": 1})
    third = Reports(tmp_path, RUN, transport)
    assert third.has_final()
    third.deliver()
    assert [what for what, _ in fake.reports] == ["start", "fail"]


def test_a_studio_that_stays_away_is_given_up_one_day(
    fake: FakeStudio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DELIVER_SECONDS", 0.5)
    spec = spec_of(fake, folder)
    run_folder = RunFolder(folder)
    run_folder.spec.write_text(spec.to_json())
    fake.is_away = True
    courier = Courier(spec, run_folder)
    courier.reports.add("complete", {"exitCode": 0})
    with pytest.raises(StudioAway):
        courier.deliver()
    # Whoever comes later finds what was left.
    fake.is_away = False
    Courier(spec, run_folder).deliver()
    assert [what for what, _ in fake.reports] == ["complete"]
