"""Every address of MLflow's API, every alias of it, and every kind of caller against ``table.toml``."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern

from runs.api import mlflow
from runs.api.mlflow.door import Route, TrackingNowhere
from runs.api.mlflow.routes import PROBES, ROUTES
from runs.models import Run
from tests.access.test_sweep import CALLERS, PEOPLE, TABLE, address
from tests.conftest import MakeRun
from tests.mlflow.conftest import asking

TOLD = TABLE["mlflow"]
# To who may ask for what is perhaps not there; 501 is what the clients can do without.
ANSWERS = (200, 400, 404, 501)
IDS = [f"{route.method} {route.path}" for route in ROUTES]


def places() -> dict[str, Any]:
    found = [each for each in mlflow.urlpatterns if isinstance(each, URLPattern)]
    return {str(each.pattern): each.callback for each in found}


def test_every_route_has_a_row_that_says_its_right() -> None:
    declared = {f"{route.method} {route.path}": route.right.value for route in ROUTES}
    probes = {f"{probe.method} {probe.path}": "everybody" for probe in PROBES}
    assert {**declared, **probes} == TOLD


def test_no_address_leads_anywhere_but_to_a_route_of_the_table() -> None:
    known = {place for each in (*ROUTES, *PROBES) for place in mlflow.addresses(each)}
    doors = {place for place, view in places().items() if not isinstance(view, TrackingNowhere)}
    assert doors == known
    assert all(view.opens_to for view in places().values())


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_each_alias_answers_as_the_table_says(
    api_tokens: dict[str, str], subject: Run, make_run: MakeRun, route: Route
) -> None:
    right = TOLD[f"{route.method} {route.path}"]
    for place in mlflow.addresses(route):
        for who, token in api_tokens.items():
            with transaction.atomic():
                answer = asking(token, "")(route.method, address(place, subject))
                transaction.set_rollback(True)
            status, said = answer.status, f"{who} at {place}: {answer.status} {answer.message}"
            assert status < 500 or (status, answer.code) == (501, "NOT_IMPLEMENTED"), said
            if who in ("nobody", "disabled", "expired", "revoked"):
                assert (status, answer.code) == (401, "UNAUTHENTICATED"), said
            elif who == "outsider":
                # Where no workspace is named it is their own, with nothing of this one in it.
                assert status in ((404,) if "<str:ws>" in place else ANSWERS), said
            elif who not in CALLERS[right]:
                assert (status, answer.code) == (403, "PERMISSION_DENIED"), said
            elif who in PEOPLE:
                assert status in ANSWERS, said


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: str(probe.path))
def test_probes_are_everybodys(db: None, subject: Run, probe: Any) -> None:
    for place in mlflow.addresses(probe):
        assert asking("", "")("GET", address(place, subject)).status == 200
