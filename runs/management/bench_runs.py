"""Plausible runs by the hundred thousand, to measure the run list with: written past the actions.

None is ever picked up: they wait on no compute target's queue, and no heartbeat of theirs is missed.
"""

from __future__ import annotations

import itertools
import json
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from runs.actions import indexing, tag_sets
from runs.actions.text import finite_number
from runs.management.bulk_tables import BulkTable, stored, without_indexes
from runs.models import (
    Experiment,
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

PREFIX = "bench-"
EXPERIMENTS = [
    f"bench-{topic}-{n}" for topic in ("explore", "tune", "ablate", "final") for n in range(5)
]
TARGETS = ["sdk", "sdk", "local", "gpu-cluster", "cpu-pool"]
ENDED = {Status.COMPLETED: 75, Status.FAILED: 18, Status.CANCELED: 7}
# One run of so many, the newest, has not ended.
GOING_EVERY, GOING = 100, {Status.RUNNING: 5, Status.QUEUED: 3, Status.NOT_STARTED: 2}
STATUSES = {**ENDED, **GOING}
PARAMETERS = {
    "lr": ["0.1", "0.03", "0.01", "0.003", "0.001", "0.0003"],
    "batch_size": ["16", "32", "64", "128", "256"],
    "optimizer": ["adam", "adamw", "sgd"],
    "depth": ["2", "4", "8", "12", "24"],
    "seed": [str(n) for n in range(1_000)],
}
PROPERTIES = {"node": [f"node-{n}" for n in range(8)]}
TAGS = {
    "team": ["vision", "speech", "ranking", "forecast", "safety", "search", "maps", "ads"],
    "dataset": [f"corpus-{n}" for n in range(10)],
    "quality": ["good", "good", "fair", "poor", "fantastic run"],
}
METRICS = ("accuracy", "loss", "f1", "val_loss", "epoch_seconds")
_WORDS = (
    "baseline warmup cosine dropout frozen encoder longer context smaller batch again with new "
    "labels cleaned data augmentation mixup label smoothing after the merge before pruning"
).split()
# What a log is made of; a line in so many logs is one to look for that is rare.
_LOGGED = (
    "loading {0} from /data/{1}/{2}.parquet", "{0} {1}: {2} is deprecated", "{0}: {3} parameters",
    "epoch {3} step {4} loss 0.{5} accuracy 0.{3} lr 3.{4}e-04", "saved /out/{0}/{1}/step-{3}.pt",
)  # fmt: skip
OUT_OF_MEMORY, OUT_OF_MEMORY_EVERY = "RuntimeError: CUDA out of memory.", 2_000
_LOG_LINES = 24
# In the description of one run of so many: a word to look for that is rare.
RARE, RARE_EVERY = "heisenbug", 20_000
_AT_ONCE = 5_000


class BenchRuns:
    """Makes runs in a workspace: the same ones each time, but for their ids and times."""

    def __init__(self, workspace: Workspace, owner: User) -> None:
        self._workspace, self._owner = workspace, owner
        self._chance = random.Random(7)  # noqa: S311 (no secret is made of it)
        self._experiments = [
            Experiment.objects.inside(workspace)
            .active()
            .get_or_create(name=name, defaults={"workspace": workspace})[0]
            for name in EXPERIMENTS
        ]
        place = {"workspace_id": workspace.pk}
        self._kinds = {
            (is_child, status): RunCount.objects.get_or_create(
                workspace=workspace, shelf=Shelf.LISTED, is_child=is_child, status=status.value
            )[0]
            for is_child in (False, True)
            for status in STATUSES
        }
        self._tag_set = tag_sets.of(workspace.pk, TAGS)
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
        chance = self._chance
        kinds = (GOING if n >= going else ENDED for n in numbers)
        statuses = [chance.choices(list(kind), list(kind.values()))[0] for kind in kinds]
        people = (self._owner.username, self._owner.name)
        for n, status in zip(numbers, statuses, strict=True):
            pk, experiment = first + n, self._experiments[chance.randrange(len(EXPERIMENTS))]
            is_child = n % 10 == 9
            parent = pk - 1 if is_child else None
            has = {key: chance.choice(values) for key, values in TAGS.items()}
            knows = {key: chance.choice(values) for key, values in PROPERTIES.items()}
            takes = {key: chance.choice(values) for key, values in PARAMETERS.items()}
            text = self._description(n)
            name, run_id = f"{chance.choice(_WORDS)} {n}", f"{PREFIX}{pk:08d}"
            kind = self._kinds[is_child, status]
            kind.number += 1
            runs.append((
                pk, run_id, experiment.pk, pk, name, text, status.value, parent, parent,
                int(is_child), *self._times(status, began + n * step), chance.choice(TARGETS),
                json.dumps(has), json.dumps(knows), json.dumps(takes), kind.pk,
            ))  # fmt: skip
            tags += [(experiment.pk, pk, k, v, v) for k, v in has.items()]
            properties += [(experiment.pk, pk, k, v, v) for k, v in knows.items()]
            parameters += [(experiment.pk, pk, k, v, v, finite_number(v)) for k, v in takes.items()]
            for metric in METRICS:
                value = chance.random()
                metrics.append((experiment.pk, pk, metric, value, value * 0.9, value * 1.1))
            words = [name, run_id, text, status.value, experiment.name, *people]
            documents.append((pk, document([*words, *itertools.chain(*has.items())])))
            lines, at = self._log(n), stored(began + n * step)
            logs.append((pk, pk, sum(map(len, lines)) + len(lines), len(lines), at))
            log_documents.append((pk, pk, document(lines), json.dumps([[1, len(lines)]]), at))
        for table, rows in (
            (self._runs, runs), (self._tags, tags), (self._properties, properties),
            (self._parameters, parameters), (self._metrics, metrics),
            (self._documents, documents), (self._logs, logs), (self._log_documents, log_documents),
        ):  # fmt: skip
            table.insert(rows)
        RunCount.objects.bulk_update(self._kinds.values(), ["number"])
        TagSet.objects.filter(pk=self._tag_set.pk).update(number=F("number") + len(numbers))

    def _description(self, n: int) -> str:
        words = self._chance.choices(_WORDS, k=8) if n % 3 == 0 else []
        return " ".join([*words, RARE] if n % RARE_EVERY == RARE_EVERY // 2 else words)

    def _log(self, n: int) -> list[str]:
        """Return the lines of a short log; their bytes are nowhere, so that a hit shows them folded."""
        chance = self._chance
        parts = chance.choices(_WORDS, k=3)
        lines = [
            _LOGGED[row % len(_LOGGED)].format(*parts, *chance.choices(range(1_000, 9_999), k=3))
            for row in range(_LOG_LINES)
        ]
        return [*lines, OUT_OF_MEMORY] if n % OUT_OF_MEMORY_EVERY == 7 else lines

    def _times(self, status: Status, created: datetime) -> tuple[Any, ...]:
        """Return created, started and ended as the database has them, and seconds."""
        began = status not in (Status.QUEUED, Status.NOT_STARTED)
        ended = began and status is not Status.RUNNING
        took = timedelta(seconds=self._chance.expovariate(1 / 3_600))
        start = created + timedelta(seconds=30)
        return (
            stored(created),
            stored(start) if began else None,
            stored(start + took) if ended else None,
            took.total_seconds() if ended else None,
        )
