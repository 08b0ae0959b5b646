"""What is stored, one file per noun: fields, constraints, querysets, small predicates. No side effects.

Everything belongs to a workspace and is read through ``visible_to(user)``.
"""

from runs.models.alert import AlertFired, AlertRule, Delivery, DeliveryItem
from runs.models.attachment import Attachment
from runs.models.audit import AuditEvent
from runs.models.compute import Agent, ComputeTarget
from runs.models.count import RunCount
from runs.models.description import Description
from runs.models.event import RunEvent
from runs.models.experiment import Experiment
from runs.models.file import LogFile, RunFile
from runs.models.idempotent import KeptAnswer
from runs.models.identity import Identity
from runs.models.label import RunParameter, RunProperty, RunTag
from runs.models.leftover import Leftover
from runs.models.metric import Metric, MetricChunk, MetricSummary
from runs.models.receipt import Receipt
from runs.models.retention import RetentionRule
from runs.models.run import Run
from runs.models.search import LogDocument, LogIndex, SearchDocument, SearchIndex
from runs.models.second_step import RecoveryCode, SecondStep
from runs.models.session import Attempt, Session
from runs.models.snapshot import Snapshot
from runs.models.star import RunStar
from runs.models.tag_set import TagOfSet, TagSet
from runs.models.task import Task, TaskRun
from runs.models.token import ApiToken, SignInLink
from runs.models.user import User
from runs.models.view import CustomView, ViewMember, ViewStar, ViewVersion
from runs.models.workspace import Invitation, Membership, Workspace

__all__ = [
    "Agent",
    "AlertFired",
    "AlertRule",
    "ApiToken",
    "Attachment",
    "Attempt",
    "AuditEvent",
    "ComputeTarget",
    "CustomView",
    "Delivery",
    "DeliveryItem",
    "Description",
    "Experiment",
    "Identity",
    "Invitation",
    "KeptAnswer",
    "Leftover",
    "LogDocument",
    "LogFile",
    "LogIndex",
    "Membership",
    "Metric",
    "MetricChunk",
    "MetricSummary",
    "Receipt",
    "RecoveryCode",
    "RetentionRule",
    "Run",
    "RunCount",
    "RunEvent",
    "RunFile",
    "RunParameter",
    "RunProperty",
    "RunStar",
    "RunTag",
    "SearchDocument",
    "SearchIndex",
    "SecondStep",
    "Session",
    "SignInLink",
    "Snapshot",
    "TagOfSet",
    "TagSet",
    "Task",
    "TaskRun",
    "User",
    "ViewMember",
    "ViewStar",
    "ViewVersion",
    "Workspace",
]
