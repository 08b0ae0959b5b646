"""Many runs at once: each runs once, none is lost."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from studio.sdk import Experiment, ScriptRunConfig
from tests.acceptance.studio_process import StudioProcess, wait_for

RUNS = int(os.environ.get("STUDIO_TEST_RUNS", "30"))


def test_every_run_ends_completed_and_ran_once(
    studio: StudioProcess, experiment: Experiment, source: Path, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    (source / "short.py").write_text(
        "import os\n"
        f"with open({str(ledger)!r}, 'a') as f: f.write(os.environ['STUDIO_RUN_ID'] + '\\n')\n"
        "print('done')\n"
    )
    config = ScriptRunConfig(source, script="short.py", compute_target="studio-local")
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: experiment.submit(config), range(RUNS)))
    ids = sorted(run.id for run in runs)
    wait_for(
        lambda: all(studio.run(run)["endTimeUtc"] for run in ids),
        seconds=30 + RUNS * 1.5,
        every=1,
        what="every run to end",
    )
    assert {studio.run(run)["status"] for run in ids} == {"Completed"}
    assert sorted(ledger.read_text().split()) == ids
    assert all(studio.log(run) == "done\n" for run in ids)
