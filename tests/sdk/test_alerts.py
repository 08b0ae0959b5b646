"""Alerts by the SDK, against the real studio."""

from __future__ import annotations

import ipaddress

import pytest
from django.conf import LazySettings

from studio.sdk import Experiment, ServiceException, UserErrorException, Workspace
from tests.alerts.work import work
from tests.outside.receiver import Receiver, receiver, says


@pytest.fixture
def workspace(experiment: Experiment, settings: LazySettings) -> Workspace:
    settings.WEBHOOK_ALLOW = [ipaddress.ip_network("127.0.0.1/32")]
    return experiment.workspace


def test_an_alert_is_made_found_changed_and_deleted(workspace: Workspace) -> None:
    made = workspace.create_alert("Failures", statuses="Failed", filter="tag:a")
    slow = workspace.create_alert("Slow", longer_than=7_200, include_children=True)
    worse = workspace.create_alert("Worse", metric="loss", operator=">", value=5.0, for_all=True,
                                   target="team@example.org")  # fmt: skip
    assert [alert.name for alert in workspace.alerts] == ["Failures", "Slow", "Worse"]
    told = [alert.get_details() for alert in workspace.alerts]
    assert [each["kind"] for each in told] == ["status", "longer", "metric"]
    assert (told[0]["statuses"], told[0]["filter"]) == (["Failed"], "tag:a")
    assert (told[1]["seconds"], told[1]["includeChildren"]) == (7_200, True)
    assert [told[2][key] for key in ("metric", "operator", "value")] == ["loss", ">", 5.0]
    assert (told[2]["forAll"], told[2]["target"]) == (True, "team@example.org")
    made.update(statuses=["Failed", "Canceled"], enabled=False)
    slow.update(metric="loss", operator="<=", value=0.1, name="Done")
    worse.delete()
    assert [alert.name for alert in workspace.alerts] == ["Done", "Failures"]
    done, failures = (alert.get_details() for alert in workspace.alerts)
    assert (done["kind"], done["seconds"], done["operator"]) == ("metric", None, "<=")
    assert (failures["statuses"], failures["enabled"]) == (["Failed", "Canceled"], False)
    assert failures["filter"] == "tag:a"
    assert not made.enabled
    assert made.get_portal_url().endswith(f"/w/main/alerts/{made.id}/")


def test_what_an_alert_has_sent_is_listed_tried_again_and_replayed(
    workspace: Workspace, experiment: Experiment
) -> None:
    with receiver() as hook:
        alert = workspace.create_alert("All", statuses="Failed", channel="webhook", target=hook.url)
        assert alert.secret is not None
        hook.answer = says(400)
        failed(experiment, "first")
        work()
        (first,) = alert.deliveries()
        assert (first["state"], first["answer"]) == ("waiting", 400)
        hook.answer = says(200)
        assert alert.retry(first["id"])["id"] == first["id"]
        work()
        assert [each["state"] for each in alert.deliveries()] == ["sent"]
        again = alert.replay(first["id"])
        (tried,) = alert.test()
        work()
        listed = list(alert.deliveries())
        assert [each["state"] for each in listed] == ["sent"] * 3
        assert [each["test"] for each in listed] == [True, False, False]
        assert listed[1]["replayOf"] == first["id"]
        assert {again["id"], tried["id"]} == {each["id"] for each in listed[:2]}
        assert paths(hook) == ["/hook"] * 4


def paths(hook: Receiver) -> list[str]:
    return [got.path for got in hook.received]


def failed(experiment: Experiment, run_id: str) -> None:
    run = experiment.start_logging(run_id=run_id, snapshot_directory=None, outputs=False)
    run.fail(error_details="no memory")


def test_an_alert_waits_for_one_thing(workspace: Workspace) -> None:
    with pytest.raises(UserErrorException, match="waits for one thing"):
        workspace.create_alert("Both", statuses="Failed", longer_than=60)
    alert = workspace.create_alert("Failures", statuses=["Failed"])
    with pytest.raises(UserErrorException, match="has no 'colour'"):
        alert.update(colour="red")
    assert repr(alert) == f"Alert(id={alert.id}, name='Failures', enabled=True)"


def test_a_refusal_names_the_field(workspace: Workspace) -> None:
    with pytest.raises(ServiceException) as told:
        workspace.create_alert("Odd", statuses="Broken")
    assert told.value.field == "statuses"
    alert = workspace.create_alert("Failures", statuses="Failed")
    other = workspace.alerts[0]
    other.update(name="Theirs")
    with pytest.raises(ServiceException) as told:
        alert.update(name="Mine")
    assert told.value.status == 409
