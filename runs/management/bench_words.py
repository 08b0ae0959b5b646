"""What runs that are made up to be measured are called, have and log: the same each time."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from runs.actions.text import finite_number
from runs.models.search import document
from studio.contract.words import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")

PREFIX = "bench-"
EXPERIMENTS = [
    f"bench-{topic}-{n}" for topic in ("explore", "tune", "ablate", "final") for n in range(5)
]
TARGETS = ["sdk", "sdk", "local", "gpu-cluster", "cpu-pool"]
# How many of a hundred runs end like this.
_ENDED = {Status.COMPLETED: 75, Status.FAILED: 18, Status.CANCELED: 7}
# One run of so many, the newest, has not ended.
GOING_EVERY, _GOING = 100, {Status.RUNNING: 5, Status.QUEUED: 3, Status.NOT_STARTED: 2}
STATUSES = (*_ENDED, *_GOING)
_PARAMETERS = {
    "lr": ["0.1", "0.03", "0.01", "0.003", "0.001", "0.0003"],
    "batch_size": ["16", "32", "64", "128", "256"],
    "optimizer": ["adam", "adamw", "sgd"],
    "depth": ["2", "4", "8", "12", "24"],
    "seed": [str(n) for n in range(1_000)],
}
_PROPERTIES = {"node": [f"node-{n}" for n in range(8)]}
_TAGS = {
    "team": ["vision", "speech", "ranking", "forecast", "safety", "search", "maps", "ads"],
    "dataset": [f"corpus-{n}" for n in range(10)],
    "quality": ["good", "good", "fair", "poor", "fantastic run"],
}
TAG_KEYS = tuple(_TAGS)
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
_OUT_OF_MEMORY, _OUT_OF_MEMORY_EVERY = "RuntimeError: CUDA out of memory.", 2_000
_LOG_LINES = 24
# To write a log takes longer than all else of a run, so runs share so many.
_LOGS = 2_000
# In the description of one run of so many: a word to look for that is rare.
_RARE, _RARE_EVERY = "heisenbug", 20_000


class Label(NamedTuple):
    """A key with its value, and both as they stand in JSON."""

    key: str
    value: str
    number: float | None
    written: str


class Log(NamedTuple):
    """A log as the search knows it; its bytes are nowhere, so that a hit shows it folded."""

    size: int
    lines: int
    document: str
    places: str


class BenchWords:
    """Draws what a run is called, has and logs."""

    def __init__(self) -> None:
        self.chance = random.Random(7)  # noqa: S311 (no secret is made of it)
        self._tags, self._properties = _labels(_TAGS), _labels(_PROPERTIES)
        self._parameters = _labels(_PARAMETERS)
        self._ends, self._goes = _weighted(_ENDED), _weighted(_GOING)
        self._logs: list[Log] = []
        self._out_of_memory = self._log(_OUT_OF_MEMORY)

    def one(self, of: Sequence[T]) -> T:
        """Return one of these; ``Random.choice`` takes three times as long."""
        return of[int(self.chance.random() * len(of))]

    def status(self, *, is_going: bool) -> Status:
        """Return how a run has ended, or, if it goes on, how far it is."""
        return self.one(self._goes if is_going else self._ends)

    def name(self, n: int) -> str:
        """Return the name of run ``n``."""
        return f"{self.one(_WORDS)} {n}"

    def description(self, n: int) -> str:
        """Return the description of run ``n``, of which many have none."""
        words = self.chance.choices(_WORDS, k=8) if n % 3 == 0 else []
        return " ".join([*words, _RARE] if n % _RARE_EVERY == _RARE_EVERY // 2 else words)

    def tags(self) -> list[Label]:
        """Return the tags of a run."""
        return [self.one(each) for each in self._tags]

    def properties(self) -> list[Label]:
        """Return the properties of a run."""
        return [self.one(each) for each in self._properties]

    def parameters(self) -> list[Label]:
        """Return the parameters of a run."""
        return [self.one(each) for each in self._parameters]

    def log(self, n: int) -> Log:
        """Return the log of run ``n``."""
        if n % _OUT_OF_MEMORY_EVERY == 7:
            return self._out_of_memory
        if len(self._logs) == _LOGS:
            return self.one(self._logs)
        self._logs.append(self._log())
        return self._logs[-1]

    def _log(self, *more: str) -> Log:
        chance = self.chance
        parts = chance.choices(_WORDS, k=3)
        lines = [
            _LOGGED[row % len(_LOGGED)].format(*parts, *chance.choices(range(1_000, 9_999), k=3))
            for row in range(_LOG_LINES)
        ]
        lines += more
        size, places = sum(map(len, lines)) + len(lines), json.dumps([[1, len(lines)]])
        return Log(size, len(lines), document(lines), places)


def as_json(labels: Sequence[Label]) -> str:
    """Return labels as the JSON object of a run."""
    return f"{{{', '.join([label.written for label in labels])}}}"


def _weighted(shares: Mapping[T, int]) -> list[T]:
    return [each for each, share in shares.items() for _ in range(share)]


def _labels(of: Mapping[str, Sequence[str]]) -> list[list[Label]]:
    return [
        [
            Label(key, each, finite_number(each), f"{json.dumps(key)}: {json.dumps(each)}")
            for each in values
        ]
        for key, values in of.items()
    ]
