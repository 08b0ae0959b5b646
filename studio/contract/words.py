"""The exact words of the system: statuses and their moves, roles, metric kinds, event kinds."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal


class Status(StrEnum):
    """Where a run stands. The words are Azure Machine Learning's; ``Canceled`` has one l."""

    NOT_STARTED = "NotStarted"
    STARTING = "Starting"
    PROVISIONING = "Provisioning"
    PREPARING = "Preparing"
    QUEUED = "Queued"
    RUNNING = "Running"
    FINALIZING = "Finalizing"
    CANCEL_REQUESTED = "CancelRequested"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELED = "Canceled"
    NOT_RESPONDING = "NotResponding"


TERMINAL = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELED})
WAITING = frozenset(
    {Status.NOT_STARTED, Status.QUEUED, Status.PROVISIONING, Status.PREPARING, Status.STARTING}
)
POST_PROCESSING = frozenset({Status.FINALIZING, Status.CANCEL_REQUESTED})
ACTIVE = frozenset({Status.RUNNING, Status.NOT_RESPONDING})

_WAITING_ORDER = (
    Status.NOT_STARTED,
    Status.QUEUED,
    Status.PROVISIONING,
    Status.PREPARING,
    Status.STARTING,
)
_ENDS_OF_WAITING = frozenset(
    {Status.RUNNING, Status.CANCEL_REQUESTED, Status.CANCELED, Status.FAILED}
)

# What each status may become. A waiting run only moves forward through the waiting statuses.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    status: frozenset(_WAITING_ORDER[place + 1 :]) | _ENDS_OF_WAITING
    for place, status in enumerate(_WAITING_ORDER)
} | {
    Status.RUNNING: frozenset(
        {
            Status.FINALIZING,
            Status.CANCEL_REQUESTED,
            Status.CANCELED,
            Status.COMPLETED,
            Status.FAILED,
            Status.NOT_RESPONDING,
        }
    ),
    Status.NOT_RESPONDING: frozenset(
        {
            Status.RUNNING,
            Status.FINALIZING,
            Status.CANCEL_REQUESTED,
            Status.CANCELED,
            Status.COMPLETED,
            Status.FAILED,
        }
    ),
    Status.CANCEL_REQUESTED: frozenset({Status.CANCELED, Status.COMPLETED, Status.FAILED}),
    Status.FINALIZING: frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELED}),
    Status.COMPLETED: frozenset({Status.FAILED}),
    Status.FAILED: frozenset(),
    Status.CANCELED: frozenset(),
}


class Role(StrEnum):
    """What a member may do in a workspace, weakest first."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    OWNER = "owner"


class Scope(StrEnum):
    """What a person's token is for: it does no more than its scopes, nor than its person may."""

    READ = "read"
    WRITE = "write"
    AGENT = "agent"


class Sharing(StrEnum):
    """Who sees a custom view besides its owner and those it names: nobody, or the workspace."""

    PRIVATE = "private"
    VIEW = "view"
    EDIT = "edit"


class EventKind(StrEnum):
    """What a run event tells: a change of status, a step of a cancel, an edit, or what people say."""

    STATUS = "status"
    STEP = "step"
    EDIT = "edit"
    COMMENT = "comment"


class MetricKind(StrEnum):
    """How the values of one metric are shaped."""

    SCALAR = "scalar"
    LIST = "list"
    TABLE = "table"
    IMAGE = "image"
    CONFUSION_MATRIX = "confusion_matrix"
    ACCURACY_TABLE = "accuracy_table"
    RESIDUALS = "residuals"
    PREDICTIONS = "predictions"


class Step(StrEnum):
    """The steps of a cancel, in the order in which they happen. Each becomes a run event."""

    ASKED_AGAIN = "asked_again"
    TERM_SENT = "term_sent"
    GRACE_OVER = "grace_over"
    KILL_SENT = "kill_sent"
    GONE = "gone"
    SURVIVORS = "survivors"
    LATE_PROOF = "late_proof"


# What travels among the rows of metrics and is none: a parameter of the run.
PARAMETER: Literal["parameter"] = "parameter"

# Names of metrics that begin so are the machine's, not the script's.
SYSTEM_METRICS = "system/"

RUN_TYPE_SCRIPT = "azureml.scriptrun"
TARGET_LOCAL = "local"
TARGET_SDK = "sdk"
