"""Tags change, properties never do."""

from __future__ import annotations

import pytest

from runs.access import Actor
from runs.actions import labels
from runs.actions.refused import Refused
from runs.models import Run, User
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
