"""Tags change, properties and parameters never do."""

from __future__ import annotations

import pytest

from runs.access import Actor
from runs.actions import labels
from runs.actions.refused import Refused
from runs.models import Run, User
from studio.contract import limits
from studio.contract.errors import Code


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor.of_user(alice)


def rows(run: Run) -> dict[str, str | None]:
    return dict(run.tag_rows.values_list("key", "value"))


def test_a_tag_can_be_added_changed_and_removed(run: Run, by: Actor) -> None:
    labels.set_tags(run, {"quality": "poor", "look": None}, by=by)
    labels.set_tags(run, {"quality": "good"}, by=by)
    assert rows(run) == Run.objects.get(pk=run.pk).tags == {"quality": "good", "look": None}
    labels.remove_tags(run, ["look", "never there"], by=by)
    assert rows(run) == Run.objects.get(pk=run.pk).tags == {"quality": "good"}


def test_no_value_and_an_empty_value_differ(run: Run, by: Actor) -> None:
    labels.set_tags(run, {"a": None, "b": ""}, by=by)
    assert rows(run) == {"a": None, "b": ""}
    labels.set_tags(run, {"a": ""}, by=by)
    assert rows(run)["a"] == ""


def test_what_changes_nothing_leaves_no_event(run: Run, by: Actor) -> None:
    labels.set_tags(run, {"a": "1"}, by=by)
    events = run.events.count()
    labels.set_tags(run, {"a": "1"}, by=by)
    labels.remove_tags(run, ["b"], by=by)
    assert run.events.count() == events


def test_a_property_stays(run: Run, by: Actor) -> None:
    labels.add_properties(run, {"author": "alice"}, by=by)
    labels.add_properties(run, {"author": "alice", "team": "vision"}, by=by)
    with pytest.raises(Refused) as refused:
        labels.add_properties(run, {"new": "x", "author": "bob"}, by=by)
    assert refused.value.code is Code.PROPERTY_IMMUTABLE
    assert refused.value.extra == {"key": "author", "old": "alice", "new": "bob"}
    assert Run.objects.get(pk=run.pk).properties == {"author": "alice", "team": "vision"}


def configured(run: Run) -> dict[str, tuple[str, float | None]]:
    rows = run.parameter_rows.values_list("key", "value", "number")
    return {key: (value, number) for key, value, number in rows}


def test_a_parameter_is_kept_as_python_writes_it(run: Run, by: Actor) -> None:
    given = {"lr": 1e-05, "epochs": 3, "nesterov": True, "schedule": None, "optimizer": "adam"}
    told = labels.log_parameters(run, given, by=by)
    assert told == Run.objects.get(pk=run.pk).parameters
    assert told == {
        "lr": "1e-05", "epochs": "3", "nesterov": "True", "schedule": "None", "optimizer": "adam"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.01", 0.01), ("1e-2", 0.01), (".5", 0.5), ("5.", 5.0), ("-3", -3.0), ("+1E3", 1000.0),
        ("", None), ("nan", None), ("inf", None), ("1e999", None), ("1_000", None), (" 1", None),
        ("٣", None), ("0x10", None), ("1,5", None), ("True", None), ("9" * 400, None),
    ],
)  # fmt: skip
def test_a_parameter_is_a_number_if_its_text_is_a_finite_one(
    run: Run, by: Actor, text: str, number: float | None
) -> None:
    labels.log_parameters(run, {"k": text}, by=by)
    assert configured(run) == {"k": (text, number)}


def test_a_parameter_stays(run: Run, by: Actor) -> None:
    labels.log_parameters(run, {"lr": 0.01}, by=by)
    labels.log_parameters(run, {"lr": "0.01", "depth": 4}, by=by)
    with pytest.raises(Refused) as refused:
        labels.log_parameters(run, {"new": "x", "lr": 0.02}, by=by)
    assert refused.value.code is Code.PARAMETER_IMMUTABLE
    assert refused.value.field == "parameters.lr"
    assert '"lr" is "0.01" and cannot become "0.02"' in refused.value.detail
    assert "under another key" in refused.value.hint
    assert configured(run) == {"lr": ("0.01", 0.01), "depth": ("4", 4.0)}
    assert Run.objects.get(pk=run.pk).parameters == {"lr": "0.01", "depth": "4"}


def test_parameters_stand_in_the_history_once(run: Run, by: Actor) -> None:
    revision = run.revision
    labels.log_parameters(run, {"lr": 0.01}, by=by)
    labels.log_parameters(run, {"lr": "0.01"}, by=by)
    event = run.events.latest("pk")
    assert (event.kind, event.actor_name) == ("edit", "alice")
    assert event.data == {"parameters": {"before": {}, "after": {"lr": "0.01"}}}
    assert run.events.filter(kind="edit").count() == 1
    assert Run.objects.get(pk=run.pk).revision == revision + 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"": "x"}, "missing"),
        ({"k" * (limits.KEY + 1): "x"}, "250 are allowed"),
        ({"k": "x" * (limits.PARAMETER_VALUE + 1)}, "6,000 are allowed"),
        ({"k": "a\0b"}, "NUL"),
        ({"k\ud800": "x"}, "surrogate"),
        ({str(n): n for n in range(limits.PARAMETERS_PER_RUN + 1)}, "1,000 parameters at most"),
    ],
)
def test_a_parameter_that_cannot_be_stored_is_refused(
    run: Run, by: Actor, given: dict[str, str], words: str
) -> None:
    with pytest.raises(Refused) as refused:
        labels.log_parameters(run, given, by=by)
    assert words in refused.value.detail
    assert (refused.value.field or "").startswith("parameters")
    assert configured(run) == {}


def test_the_longest_parameters_fit(run: Run, by: Actor) -> None:
    key, value = "\U0001f600" * limits.KEY, "\U0001f600" * limits.PARAMETER_VALUE
    labels.log_parameters(run, {key: value}, by=by)
    assert configured(run) == {key: (value, None)}


def test_an_editor_of_tags_changes_only_what_it_changed(run: Run, by: Actor) -> None:
    labels.set_tags(run, {"a": "1", "b": "1", "c": "1"}, by=by)
    seen = dict(run.tags)
    labels.set_tags(run, {"c": "2", "d": "theirs"}, by=by)
    after = labels.edit_tags(run, seen, {"a": "new", "c": "1", "e": None}, by=by)
    assert after == rows(run) == {"a": "new", "c": "2", "d": "theirs", "e": None}


def test_a_tag_that_somebody_else_changed_meanwhile_is_not_overwritten(run: Run, by: Actor) -> None:
    labels.set_tags(run, {"a": "1", "b": "1"}, by=by)
    seen = dict(run.tags)
    labels.set_tags(run, {"a": "theirs"}, by=by)
    with pytest.raises(Refused) as refused:
        labels.edit_tags(run, seen, {"a": "mine", "b": "2"}, by=by)
    assert refused.value.code is Code.CONFLICT
    assert '"a" is "theirs"' in refused.value.detail
    assert refused.value.extra["keys"] == ["a"]
    assert rows(run) == {"a": "theirs", "b": "1"}


def test_what_both_made_alike_is_no_conflict(run: Run, by: Actor) -> None:
    labels.set_tags(run, {"a": "1", "gone": None}, by=by)
    seen = dict(run.tags)
    labels.set_tags(run, {"a": "2"}, by=by)
    labels.remove_tags(run, ["gone"], by=by)
    assert labels.edit_tags(run, seen, {"a": "2"}, by=by) == {"a": "2"}
