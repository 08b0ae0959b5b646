"""The studio's own figures, for Prometheus: counted where it happens, added up over all processes.

The web server's processes share what they count through files in a folder that the start names in
``PROMETHEUS_MULTIPROC_DIR``; what can be read from the database is read when somebody asks.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Min, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily

from runs.models import Run, RunCount
from studio.contract.words import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30)
_own = CollectorRegistry()
_requests = Counter(
    "studio_requests", "Requests that were answered.", ["method", "route", "status"], registry=_own
)
_durations = Histogram(
    "studio_request_seconds",
    "How long answers took, in seconds.",
    ["face"],
    buckets=_SECONDS,
    registry=_own,
)
_points = Counter("studio_metric_points", "Metric values that were stored.", registry=_own)
_log_bytes = Counter("studio_log_bytes", "Bytes of logs that were stored.", registry=_own)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answered request; ``route`` is the pattern of its address, never the address."""
    known = method if method in _METHODS else "other"
    _requests.labels(known, route, str(status)).inc()
    _durations.labels("api" if route.startswith("api/") else "page").observe(seconds)


def count_points(number: int) -> None:
    """Count metric values that were stored."""
    _points.inc(number)


def count_log_bytes(number: int) -> None:
    """Count bytes of logs that were stored."""
    _log_bytes.inc(number)


def exposition() -> bytes:
    """Return all figures as Prometheus reads them."""
    registry = CollectorRegistry()
    if os.environ.get(_FOLDER):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        counted = generate_latest(registry)
    else:
        counted = generate_latest(_own)
    kept = CollectorRegistry()
    kept.register(_Kept())
    return counted + generate_latest(kept)


class _Kept:
    """What the database and the disk say at this moment."""

    def collect(self) -> Iterator[Metric]:
        runs = GaugeMetricFamily(
            "studio_runs", "Runs by status, child runs too.", labels=["status"]
        )
        numbers = RunCount.objects.values_list("status").annotate(Sum("number"))
        known = dict.fromkeys(Status, 0) | dict(numbers)
        for status, number in sorted(known.items()):
            runs.add_metric([status], number)
        yield runs
        queued = Run.objects.filter(status=Status.QUEUED).aggregate(Min("created_at"))
        since = queued["created_at__min"]
        waiting = (timezone.now() - since).total_seconds() if since else 0
        yield GaugeMetricFamily(
            "studio_queue_oldest_seconds", "How long the oldest queued run waits.", value=waiting
        )
        free = shutil.disk_usage(settings.DATA_DIR).free
        yield GaugeMetricFamily("studio_disk_free_bytes", "Room in the data folder.", value=free)
