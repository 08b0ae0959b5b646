"""What the worker does about runs that have fallen silent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs.access import Actor
from runs.actions import lifecycle, silence
from runs.models import ComputeTarget, Run, User
from tests.conftest import MakeRun

LONG_AGO = timezone.now() - timedelta(days=1)


def silent_for(run: Run, **time: float) -> None:
    Run.objects.filter(pk=run.pk).update(last_beat_at=timezone.now() - timedelta(**time))


def swept(run: Run) -> str:
    silence.sweep(timezone.now(), listening_since=LONG_AGO)
    return Run.objects.get(pk=run.pk).status


@pytest.fixture
def local(make_run: MakeRun, alice: User) -> Run:
    run = make_run(target="local")
    lifecycle.start(run, by=Actor.of_user(alice), host="laptop")
    return run


def test_three_missed_beats_are_not_responding(local: Run) -> None:
    silent_for(local, seconds=20)
    assert swept(local) == "Running"
    silent_for(local, seconds=31)
    assert swept(local) == "NotResponding"


def test_ten_silent_minutes_are_failed_with_the_reason(local: Run) -> None:
    silent_for(local, minutes=11)
    assert swept(local) == "Failed"
    document = Run.objects.get(pk=local.pk).error or {}
    error = document["error"]
    assert error["code"] == "RunnerLost"
    assert (
        error["message"] == "No heartbeat for 10 minutes: the runner on laptop is gone or cut off."
    )


def test_a_run_that_never_promised_to_beat_is_left_alone(run: Run) -> None:
    assert swept(run) == "Running"


def test_a_run_that_nobody_started_is_closed(make_run: MakeRun) -> None:
    run = make_run(target="local")
    assert swept(run) == "NotStarted"
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=11))
    assert swept(run) == "Failed"


def test_a_queue_is_for_waiting(make_run: MakeRun, target: ComputeTarget) -> None:
    run = make_run(target="studio-local")
    Run.objects.filter(pk=run.pk).update(created_at=LONG_AGO)
    assert swept(run) == "Queued"


def test_a_cancel_that_nobody_answers_ends(local: Run, alice: User) -> None:
    lifecycle.request_cancel(local, by=Actor.of_user(alice))
    silent_for(local, minutes=11)
    assert swept(local) == "CancelRequested"
    Run.objects.update(cancel_requested_at=timezone.now() - timedelta(minutes=11))
    assert swept(local) == "Canceled"


def test_silence_before_the_studio_listened_does_not_count(local: Run) -> None:
    silent_for(local, minutes=60)
    watch = silence.Watch()
    assert watch.look() == 0
    assert Run.objects.get(pk=local.pk).status == "Running"


def test_a_sleep_of_the_machine_gives_every_run_its_time_again(local: Run) -> None:
    watch = silence.Watch()
    watch._listening_since = LONG_AGO
    watch._looked_at = timezone.now() - timedelta(minutes=30)
    silent_for(local, minutes=30)
    assert watch.look() == 0
