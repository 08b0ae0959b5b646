"""A script that prints more than is kept goes on, is told so once, and loses nothing else."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from runs.models import LogFile
from studio.contract import places
from studio.sdk import Experiment


def test_a_script_that_prints_too_much_is_told_once_and_goes_on(
    experiment: Experiment, settings: LazySettings, capfd: pytest.CaptureFixture[str]
) -> None:
    settings.LOG_BYTES_PER_RUN = 1_000
    with experiment.start_logging(snapshot_directory=None, outputs=False) as run:
        for number in range(200):
            print(f"line {number}")
        run.log("loss", 0.5)
    assert run.get_status() == "Completed"
    assert run.get_metrics() == {"loss": 0.5}
    log = LogFile.objects.get(path=places.BLOCK_LOG)
    assert log.is_full
    assert 1_000 < log.size < 1_200
    told = capfd.readouterr().err
    assert told.count("Nothing more of") == 1
    assert places.BLOCK_LOG in told
    # Nothing waits to be sent for ever.
    assert "studio sync" not in told
    (warning,) = run.get_details()["warnings"]
    assert "1 kB" in warning["message"]
