"""Tags, which change, and properties and parameters, which never do.

Each is stored twice: as a row to find runs by, and in the run's own document for showing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from runs.actions import changes
from runs.actions.refused import Refused
from runs.actions.text import check_labels, finite_number, label_field
from runs.models import Run, RunParameter, RunProperty, RunTag
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import EventKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runs.access import Actor


def set_tags(
    run: Run,
    tags: Mapping[str, str | None],
    *,
    by: Actor,
    tell: bool = True,
    most: int = limits.TAGS_PER_RUN,
) -> dict[str, str | None]:
    """Add tags or change their values; returns all of them. A value of None is a tag without value.

    Raises:
        Refused: a key or value too long, or more than ``most`` tags where some are new.
    """
    check_labels(tags, "tags")
    with transaction.atomic():
        before = _fresh(run, "tags")
        after = {**before, **tags}
        if len(after) > max(most, len(before)):
            reason = f"A run has {most:,} tags at most; these would make {len(after):,}."
            raise Refused(Code.BAD_REQUEST, reason, field="tags", hint="Remove some first.")
        changed = {k: v for k, v in tags.items() if k not in before or before[k] != v}
        if changed:
            _replace_tags(run, changed, changed)
            changes.record(run, tags=after)
            if tell:
                _tell(run, by, "tags", before, after)
    run.tags = after
    return after


def remove_tags(run: Run, keys: Iterable[str], *, by: Actor) -> dict[str, str | None]:
    """Remove tags by key; returns those that are left. A key that is not there is no error."""
    with transaction.atomic():
        before = _fresh(run, "tags")
        gone = [key for key in keys if key in before]
        after = {k: v for k, v in before.items() if k not in gone}
        if gone:
            _replace_tags(run, gone, {})
            changes.record(run, tags=after)
            _tell(run, by, "tags", before, after)
    run.tags = after
    return after


def edit_tags(
    run: Run, seen: Mapping[str, str | None], wanted: Mapping[str, str | None], *, by: Actor
) -> dict[str, str | None]:
    """Make what somebody saw as ``seen`` into ``wanted``; returns all tags.

    Only what differs between the two is changed, so that tags of others stay.

    Raises:
        Refused: a tag that is changed here was changed by somebody else meanwhile: ``extra`` says
            which; else as ``set_tags``.
    """
    check_labels(wanted, "tags")
    gone = [key for key in seen if key not in wanted]
    new = {k: v for k, v in wanted.items() if k not in seen or seen[k] != v}
    with transaction.atomic():
        now = _fresh(run, "tags")
        meanwhile = [k for k in [*gone, *new] if now.get(k, _tell) != seen.get(k, _tell)]
        # What both made alike is no conflict.
        differ = [k for k in meanwhile if now.get(k, _tell) != wanted.get(k, _tell)]
        if differ:
            raise _tagged_meanwhile(now, differ)
        remove_tags(run, gone, by=by)
        return set_tags(run, new, by=by)


def add_properties(
    run: Run, properties: Mapping[str, str], *, by: Actor, tell: bool = True
) -> dict[str, str]:
    """Add facts; returns all of them. The same fact again is no error.

    Raises:
        Refused: a property that is there with another value; a text too long; too many.
    """
    check_labels(properties, "properties")
    with transaction.atomic():
        before = _fresh(run, "properties")
        for key, value in properties.items():
            if key in before and before[key] != value:
                raise _immutable(key, before[key], value)
        after = {**before, **properties}
        if len(after) > limits.PROPERTIES_PER_RUN:
            reason = f"A run has {limits.PROPERTIES_PER_RUN} properties at most."
            raise Refused(Code.BAD_REQUEST, reason, field="properties")
        new = {k: v for k, v in properties.items() if k not in before}
        if new:
            RunProperty.objects.bulk_create(_row(RunProperty, run, k, v) for k, v in new.items())
            changes.record(run, properties=after)
            if tell:
                _tell(run, by, "properties", before, after)
    run.properties = after
    return after


def log_parameters(
    run: Run, values: Mapping[str, str | float | None], *, by: Actor, tell: bool = True
) -> dict[str, str]:
    """Add what the run was configured with; returns all of it. The same value again is no error.

    A value is a text; numbers, booleans and None are kept as Python writes them.

    Raises:
        Refused: a parameter that is there with another value; a text too long; too many.
    """
    parameters = {key: str(value) for key, value in values.items()}
    check_labels(parameters, "parameters", limits.PARAMETER_VALUE)
    with transaction.atomic():
        before = _fresh(run, "parameters")
        for key, value in parameters.items():
            if before.get(key, value) != value:
                raise logged_before(key, before[key], value)
        after = {**before, **parameters}
        if len(after) > limits.PARAMETERS_PER_RUN:
            reason = f"A run has {limits.PARAMETERS_PER_RUN:,} parameters at most."
            hint = "Upload a long configuration as a file of the run."
            raise Refused(Code.BAD_REQUEST, reason, field="parameters", hint=hint)
        new = {k: v for k, v in parameters.items() if k not in before}
        if new:
            rows = [_row(RunParameter, run, key, value) for key, value in new.items()]
            for row in rows:
                row.number = finite_number(row.value)
            RunParameter.objects.bulk_create(rows)
            changes.record(run, parameters=after)
            if tell:
                _tell(run, by, "parameters", before, after)
    run.parameters = after
    return after


def logged_before(key: str, old: str, new: str) -> Refused:
    """Return the refusal of another value for a parameter."""
    return Refused(
        Code.PARAMETER_IMMUTABLE,
        f'Parameter "{key}" is "{old[:200]}" and cannot become "{new[:200]}": '
        "what a run was configured with never changes.",
        field=label_field("parameters", key),
        hint="Log it under another key, or begin another run; use a metric or a tag for what changes.",
        extra={"key": key, "old": old, "new": new},
    )


def _fresh(run: Run, column: str) -> dict[str, Any]:
    """Return the labels as they are now, locked until the caller's transaction ends."""
    labels: dict[str, Any] = (
        Run.objects.select_for_update(no_key=True).values_list(column, flat=True).get(pk=run.pk)
    )
    return labels


def _replace_tags(run: Run, gone: Iterable[str], new: Mapping[str, str | None]) -> None:
    RunTag.objects.filter(run=run, key__in=list(gone)).delete()
    RunTag.objects.bulk_create(_row(RunTag, run, key, value) for key, value in new.items())


def _row(model: Any, run: Run, key: str, value: str | None) -> Any:
    return model(
        workspace_id=run.workspace_id,
        experiment_id=run.experiment_id,
        run=run,
        key=key,
        value=value,
        value_start=None if value is None else value[: limits.VALUE_START],
    )


def _tell(
    run: Run, by: Actor, noun: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    keys = [k for k in {**before, **after} if before.get(k, _tell) != after.get(k, _tell)]
    told = {
        noun: {
            "before": {k: before[k] for k in keys if k in before},
            "after": {k: after[k] for k in keys if k in after},
        }
    }
    reason = f"Changed {noun}: {', '.join(keys)}."[: limits.ERROR_MESSAGE]
    changes.tell(run, EventKind.EDIT, by=by, reason=reason, data=told)


def _tagged_meanwhile(now: Mapping[str, str | None], keys: list[str]) -> Refused:
    said = "; ".join(
        f'"{key[:60]}" is {_told(now[key])}' if key in now else f'"{key[:60]}" is gone'
        for key in keys
    )
    return Refused(
        Code.CONFLICT,
        f"Somebody changed these tags meanwhile: {said[:600]}.",
        field="tags",
        hint="Look at them, then save again.",
        extra={"keys": keys, "tags": dict(now)},
    )


def _told(value: str | None) -> str:
    return "without a value" if value is None else f'"{value[:60]}"'


def _immutable(key: str, old: str, new: str) -> Refused:
    return Refused(
        Code.PROPERTY_IMMUTABLE,
        f'Property "{key}" is "{old[:200]}" and cannot become "{new[:200]}": properties never change.',
        field=label_field("properties", key),
        hint="Use a tag for what may change.",
        extra={"key": key, "old": old, "new": new},
    )
