"""Making runs and editing what people write on them."""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from runs import access
from runs.access import Right
from runs.actions import changes, descriptions, experiments, indexing, labels
from runs.actions.display_names import new_display_name
from runs.actions.refused import Refused
from runs.actions.text import check_path, check_pattern, check_text, past_moment
from runs.models import ComputeTarget, Experiment, Run, Snapshot
from runs.models.run import Shelf
from studio.contract import limits, words
from studio.contract.errors import Code
from studio.contract.words import EventKind, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runs.access import Actor
    from runs.models import Workspace

MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class NewRun:
    """What a caller says about a run that does not exist yet.

    ``target`` is "sdk" for a run that its own script leads, "local" for the submitter's machine, or
    the name of a compute target. ``start`` begins an "sdk" run at once, or says when it began:
    ``started`` is ISO-8601. Times in seconds. ``most_tags`` is how many tags it may have.
    """

    experiment_name: str
    run_id: str = ""
    display_name: str = ""
    name: str = ""
    description: str = ""
    parent_run_id: str = ""
    tags: Mapping[str, str | None] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str | float | None] = field(default_factory=dict)
    target: str = words.TARGET_SDK
    start: bool = False
    started: str = ""
    script_name: str = ""
    definition: dict[str, Any] | None = None
    snapshot_id: str = ""
    grace_seconds: float | None = None
    max_run_seconds: float | None = None
    most_tags: int = limits.TAGS_PER_RUN


def create(workspace: Workspace, *, by: Actor, new: NewRun) -> Run:
    """Return the new run.

    Raises:
        Refused: a field that breaks its rule; an id that is taken; a parent, snapshot or compute
            target that is not there.
    """
    if by.user is None:
        raise Refused(Code.FORBIDDEN, "Only a person, or a run of theirs, starts runs.")
    _check(new)
    parent = _parent(workspace, by, new.parent_run_id)
    target = _compute_target(workspace, new.target)
    run = Run(
        workspace=workspace,
        run_id=new.run_id or _new_id(new),
        display_name=new.display_name or new_display_name(),
        name=new.name,
        description=new.description,
        parent=parent,
        root_id=(parent.root_id or parent.pk) if parent else None,
        depth=parent.depth + 1 if parent else 0,
        created_by=by.user,
        target=new.target,
        compute_target=target,
        script_name=new.script_name,
        definition=new.definition,
        snapshot=_snapshot(workspace, new.snapshot_id),
        grace_seconds=settings.GRACE_SECONDS if new.grace_seconds is None else new.grace_seconds,
        max_run_seconds=new.max_run_seconds or limits.MAX_RUN_SECONDS,
        **_beginning(new),
    )
    html = descriptions.draw(run, new.description)
    try:
        with transaction.atomic():
            _store(run, by, new)
            if html:
                descriptions.keep(run, html)
    except IntegrityError:
        raise _taken(new.run_id) from None
    return run


def create_children(parent: Run, *, by: Actor, new: Sequence[Mapping[str, Any]]) -> list[Run]:
    """Return new children of a run, Running at once, in the order of ``new``: all or none.

    ``new`` says what differs from child to child: fields of ``NewRun``. Raises as ``create``.
    """
    shared: dict[str, Any] = {
        "experiment_name": parent.experiment.name,
        "parent_run_id": parent.run_id,
        "start": True,
    }
    with transaction.atomic():
        return [create(parent.workspace, by=by, new=NewRun(**shared, **fields)) for fields in new]


def edit(
    run: Run,
    *,
    by: Actor,
    display_name: str | None = None,
    description: str | None = None,
    hidden: bool | None = None,
    version: int | None = None,
) -> Run:
    """Change what people write on a run; what is None stays.

    Raises:
        Refused: ``version`` is not the run's version any more; ``extra`` holds the present texts.
    """
    if display_name is not None:
        check_text(display_name, "displayName", limits.DISPLAY_NAME, shortest=1)
    if description is not None:
        check_text(description, "description", limits.DESCRIPTION)
    wanted = {"display_name": display_name, "description": description, "hidden": hidden}
    html = "" if description is None else descriptions.draw(run, description)
    with transaction.atomic():
        now = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
        if now.deleted_at is not None:
            raise access.not_found("run", run.run_id)
        if version is not None and version != now.version:
            raise _changed_meanwhile(now)
        before = {name: getattr(now, name) for name in wanted}
        after = {n: v for n, v in wanted.items() if v is not None and v != before[n]}
        if after:
            changes.record(run, version=now.version + 1, **_columns(after))
            if "description" in after:
                descriptions.keep(run, html)
            told = {n: {"before": before[n], "after": v} for n, v in after.items()}
            reason = f"Changed {', '.join(n.replace('_', ' ') for n in after)}."
            changes.tell(run, EventKind.EDIT, by=by, reason=reason, data=told)
    return run


def _columns(after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored for an edit: an archived run lies on another shelf."""
    stored = dict(after)
    if "hidden" in stored:
        stored["shelf"] = Shelf.ARCHIVED if stored.pop("hidden") else Shelf.LISTED
    return stored


def _check(new: NewRun) -> None:
    if new.run_id:
        rule = "1 to 256 letters, digits, -, _ or ., beginning with a letter or digit"
        check_pattern(new.run_id, "runId", limits.RUN_ID_PATTERN, rule)
    check_text(new.display_name, "displayName", limits.DISPLAY_NAME)
    check_text(new.name, "name", 2 * limits.RUN_ID)
    check_text(new.description, "description", limits.DESCRIPTION)
    if new.script_name:
        check_path(new.script_name, "scriptName", limits.FILE_PATH)
    if new.grace_seconds is not None and not 0 <= new.grace_seconds <= 3_600:
        raise Refused(Code.BAD_REQUEST, "A grace is 0 to 3,600 seconds.", field="graceSeconds")
    if new.max_run_seconds is not None and not 0 < new.max_run_seconds <= limits.MAX_RUN_SECONDS:
        reason = f"A run may take up to {limits.MAX_RUN_SECONDS:,} seconds."
        raise Refused(Code.BAD_REQUEST, reason, field="maxRunDurationSeconds")
    if new.target == words.TARGET_SDK:
        return
    if new.start:
        reason = "A submitted run is started by its runner."
        raise Refused(Code.BAD_REQUEST, reason, field="start", hint="Leave it out.")
    if not new.script_name and not (new.definition or {}).get("command"):
        reason = "A submitted run needs a script or a command."
        raise Refused(Code.BAD_REQUEST, reason, field="scriptName")


def _beginning(new: NewRun) -> dict[str, Any]:
    """Return the status and kind that a run of this target begins with."""
    if new.target == words.TARGET_SDK:
        if new.start:
            began = past_moment(new.started, "startTimeUtc") or timezone.now()
            return {"status": Status.RUNNING.value, "started_at": began}
        return {"status": Status.NOT_STARTED.value}
    waits = Status.NOT_STARTED if new.target == words.TARGET_LOCAL else Status.QUEUED
    return {"status": waits.value, "supervised": True, "run_type": words.RUN_TYPE_SCRIPT}


def _store(run: Run, by: Actor, new: NewRun) -> None:
    run.created_at = indexing.date(run.workspace)
    run.experiment, _ = experiments.get_or_create(run.workspace, new.experiment_name, by=by)
    Experiment.objects.filter(pk=run.experiment.pk).update(last_run_number=F("last_run_number") + 1)
    run.number = Experiment.objects.values_list("last_run_number", flat=True).get(
        pk=run.experiment.pk
    )
    run.save(force_insert=True)
    if new.tags:
        labels.set_tags(run, new.tags, by=by, tell=False, most=new.most_tags)
    properties = dict(new.properties)
    if run.snapshot is not None:
        properties["ContentSnapshotId"] = run.snapshot.snapshot_id
    if properties:
        labels.add_properties(run, properties, by=by, tell=False)
    if new.parameters:
        labels.log_parameters(run, new.parameters, by=by, tell=False)
    changes.record_new(run)
    changes.tell(
        run, EventKind.STATUS, by=by, to_status=run.status, reason=f"Created for {run.target}."
    )


def _parent(workspace: Workspace, by: Actor, run_id: str) -> Run | None:
    if not run_id:
        if by.run is not None:
            reason = "A run's own token starts only children of that run."
            hint = f'Give "{by.run.run_id}" or a run below it as the parent.'
            raise Refused(Code.FORBIDDEN, reason, field="parentRunId", hint=hint)
        return None
    try:
        parent = access.run_for(by, workspace.name, run_id, Right.START)
    except Refused as refused:
        # The address is right; a value in the body is not.
        code = Code.BAD_REQUEST if refused.code is Code.NOT_FOUND else refused.code
        raise Refused(code, refused.detail, field="parentRunId", hint=refused.hint) from None
    if parent.depth >= MAX_DEPTH:
        raise Refused(Code.BAD_REQUEST, f"Runs nest {MAX_DEPTH} deep at most.", field="parentRunId")
    return parent


def _compute_target(workspace: Workspace, name: str) -> ComputeTarget | None:
    if name in (words.TARGET_SDK, words.TARGET_LOCAL):
        return None
    check_text(name, "target", 63, shortest=1)
    target = ComputeTarget.objects.inside(workspace).filter(name=name).first()
    if target is None:
        known = ", ".join(
            ["local", *ComputeTarget.objects.inside(workspace).values_list("name", flat=True)[:20]]
        )
        reason = f'There is no compute target "{name}" here.'
        raise Refused(Code.BAD_REQUEST, reason, field="target", hint=f"Known here: {known}.")
    return target


def _snapshot(workspace: Workspace, snapshot_id: str) -> Snapshot | None:
    if not snapshot_id:
        return None
    snapshot = Snapshot.objects.inside(workspace).filter(snapshot_id=snapshot_id).first()
    if snapshot is None or not snapshot.complete:
        reason = "There is no complete snapshot of that id here."
        raise Refused(
            Code.BAD_REQUEST, reason, field="snapshotId", hint="Upload its contents first."
        )
    return snapshot


def _new_id(new: NewRun) -> str:
    if new.target == words.TARGET_SDK:
        return str(uuid.uuid4())
    return f"{new.experiment_name[:200]}_{int(time.time())}_{secrets.token_hex(4)}"


def _taken(run_id: str) -> Refused:
    return Refused(
        Code.CONFLICT,
        f'There is already a run "{run_id}" in this workspace.',
        field="runId",
        hint="Leave runId out to get a new one.",
    )


def _changed_meanwhile(now: Run) -> Refused:
    present = {"displayName": now.display_name, "description": now.description}
    return Refused(
        Code.CONFLICT,
        "Somebody else changed this run meanwhile.",
        field="version",
        hint="Look at the present texts and save again with their version.",
        extra={"current": {**present, "version": now.version}},
    )
