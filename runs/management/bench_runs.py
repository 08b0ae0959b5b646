"""Plausible runs by the hundred thousand, to measure the run list with: written past the actions.

None is ever picked up: they wait on no compute target's queue, and no heartbeat of theirs is missed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from runs.access import Actor
from runs.actions import indexing, tag_sets
from runs.actions.experiments import get_or_create
from runs.management.bench_words import (
    EXPERIMENTS,
    GOING_EVERY,
    METRICS,
    PREFIX,
    STATUSES,
    TAG_KEYS,
    TARGETS,
    BenchWords,
    as_json,
)
from runs.management.bulk_tables import BulkTable, stored, without_indexes
from runs.models import (
    LogDocument,
    LogFile,
    Metric,
    Run,
    RunCount,
    RunParameter,
    RunProperty,
    RunTag,
    SearchDocument,
    TagSet,
)
from runs.models.run import Shelf
from runs.models.search import document
from studio.contract import places
from studio.contract.words import MetricKind, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from runs.models import User, Workspace

_AT_ONCE = 1_000


class BenchRuns:
    """Makes runs in a workspace: the same ones each time, but for their ids and times."""

    def __init__(self, workspace: Workspace, owner: User) -> None:
        self._workspace, self._owner = workspace, owner
        self._words = BenchWords()
        by = Actor.of_user(owner)
        self._experiments = [get_or_create(workspace, name, by=by)[0] for name in EXPERIMENTS]
        place = {"workspace_id": workspace.pk}
        self._kinds = {
            (is_child, status): RunCount.objects.get_or_create(
                workspace=workspace, shelf=Shelf.LISTED, is_child=is_child, status=status.value
            )[0]
            for is_child in (False, True)
            for status in STATUSES
        }
        self._tag_set = tag_sets.of(workspace.pk, TAG_KEYS)
        self._runs = BulkTable(
            Run, "id", "run_id", "experiment_id", "number", "display_name", "description", "status",
            "parent_id", "root_id", "depth", "created_at", "started_at", "ended_at", "seconds",
            "target", "tags", "properties", "parameters", "counted_in_id", created_by_id=owner.pk,
            tag_set_id=self._tag_set.pk, **place,
        )  # fmt: skip
        labels = ("experiment_id", "run_id", "key", "value", "value_start")
        self._tags = BulkTable(RunTag, *labels, **place)
        self._properties = BulkTable(RunProperty, *labels, **place)
        self._parameters = BulkTable(RunParameter, *labels, "number", **place)
        self._metrics = BulkTable(
            Metric, "experiment_id", "run_id", "name", "last_number", "low", "high",
            kind=MetricKind.SCALAR.value, count=10, last_step=9, **place,
        )  # fmt: skip
        self._documents = BulkTable(SearchDocument, "run_id", "text")
        self._logs = BulkTable(
            LogFile,
            "id",
            "run_id",
            "size",
            "lines",
            "updated_at",
            path=places.STD_LOG,
            is_searched=True,
        )
        self._log_documents = BulkTable(
            LogDocument, "log_id", "run_id", "text", "places", "written_at", state={}
        )

    def add(self, count: int) -> Iterator[int]:
        """Write so many runs, some thousand at a time; yields how many there are by then."""
        first = (Run.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        began = timezone.now() - timedelta(days=365)
        step, going = timedelta(days=365) / count, count - max(count // GOING_EVERY, 10)
        labels = [self._tags, self._properties, self._parameters]
        words = [self._documents, self._logs, self._log_documents]
        tables = [self._runs, *labels, self._metrics, *words]
        with without_indexes(tables):
            for start in range(0, count, _AT_ONCE):
                stop = min(start + _AT_ONCE, count)
                with transaction.atomic():
                    self._write(first, range(start, stop), going, began, step)
                yield stop
        indexing.redate()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [Run, LogFile]):
                cursor.execute(statement)

    def _write(
        self, first: int, numbers: range, going: int, began: datetime, step: timedelta
    ) -> None:
        runs: list[tuple[Any, ...]] = []
        tags: list[tuple[Any, ...]] = []
        properties: list[tuple[Any, ...]] = []
        parameters: list[tuple[Any, ...]] = []
        metrics: list[tuple[Any, ...]] = []
        documents: list[tuple[Any, ...]] = []
        logs: list[tuple[Any, ...]] = []
        log_documents: list[tuple[Any, ...]] = []
        words, chance = self._words, self._words.chance
        statuses = [words.status(is_going=n >= going) for n in numbers]
        people = (self._owner.username, self._owner.name)
        for n, status in zip(numbers, statuses, strict=True):
            pk, experiment = first + n, words.one(self._experiments)
            place = experiment.pk, pk
            is_child = n % 10 == 9
            parent = pk - 1 if is_child else None
            has, knows, takes = words.tags(), words.properties(), words.parameters()
            name, run_id, text = words.name(n), f"{PREFIX}{pk:08d}", words.description(n)
            kind = self._kinds[is_child, status]
            kind.number += 1
            created, *times = self._times(status, began + n * step)
            runs.append((
                pk, run_id, experiment.pk, pk, name, text, status.value, parent, parent,
                int(is_child), created, *times, words.one(TARGETS),
                as_json(has), as_json(knows), as_json(takes), kind.pk,
            ))  # fmt: skip
            tags += [(*place, key, value, value) for key, value, _, _ in has]
            properties += [(*place, key, value, value) for key, value, _, _ in knows]
            parameters += [(*place, key, value, value, number) for key, value, number, _ in takes]
            for metric in METRICS:
                value = chance.random()
                metrics.append((*place, metric, value, value * 0.9, value * 1.1))
            found = [name, run_id, text, status.value, experiment.name, *people]
            found += [part for label in has for part in label[:2]]
            documents.append((pk, document(found)))
            log = words.log(n)
            logs.append((pk, pk, log.size, log.lines, created))
            log_documents.append((pk, pk, log.document, log.places, created))
        for table, rows in (
            (self._runs, runs), (self._tags, tags), (self._properties, properties),
            (self._parameters, parameters), (self._metrics, metrics),
            (self._documents, documents), (self._logs, logs), (self._log_documents, log_documents),
        ):  # fmt: skip
            table.insert(rows)
        RunCount.objects.bulk_update(self._kinds.values(), ["number"])
        TagSet.objects.filter(pk=self._tag_set.pk).update(number=F("number") + len(numbers))

    def _times(self, status: Status, created: datetime) -> tuple[Any, ...]:
        """Return created, started and ended as the database has them, and seconds."""
        began = status not in (Status.QUEUED, Status.NOT_STARTED)
        ended = began and status is not Status.RUNNING
        took = timedelta(seconds=self._words.chance.expovariate(1 / 3_600))
        start = created + timedelta(seconds=30)
        return (
            stored(created),
            stored(start) if began else None,
            stored(start + took) if ended else None,
            took.total_seconds() if ended else None,
        )
