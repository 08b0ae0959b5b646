"""What a query finds."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from runs.access import Actor
from runs.actions import lifecycle, metrics, workspaces
from runs.actions.metrics import Row
from runs.actions.refused import Refused
from runs.models import Run, User, Workspace
from runs.models.run import Shelf
from runs.queries import survey
from runs.queries.runs import RunQuery, matching
from runs.queries.tree import Node, Not
from studio.contract import limits
from tests.conftest import MakeRun
from tests.queries.conftest import MEANT, Found, trees

LONG = "v" * limits.VALUE_START


@pytest.fixture
def runs(workspace: Workspace, alice: User, bob: User, make_run: MakeRun) -> dict[str, Run]:
    """Runs good, poor, bare; good has a child, and an archived run is like good."""
    workspaces.create_target(workspace, "gpu-cluster", max_runs=1)
    good = make_run(
        run_id="good",
        display_name="First try",
        start=True,
        tags={"quality": "fantastic run", "worth another look": None, "a*": "50%_", "k:=!": "x"},
        properties={"author": "azureml-user", "long": LONG + "tail"},
        parameters={"lr": 0.01, "optimizer": "adam", "seed": "9007199254740993", "note": ""},
    )
    poor = make_run(
        run_id="poor", experiment_name="explore-more", by=bob, start=True, description="Too feverish",
        tags={"quality": "poor", "skip": None, "empty": ""}, properties={"long": LONG},
        parameters={"lr": "5e-1", "optimizer": "adagrad", "seed": "9007199254740992"},
    )  # fmt: skip
    bare = make_run(run_id="bare", experiment_name="other", target="gpu-cluster")
    child = make_run(run_id="child", parent_run_id="good", tags={"quality": "poor"}, start=True)
    hidden = make_run(run_id="hidden", tags={"quality": "fantastic run"})
    Run.objects.filter(pk=hidden.pk).update(shelf=Shelf.ARCHIVED)
    _log(good, accuracy=[0.5, 0.95], loss=[1.0, 0.05, 0.2], verdict=["ok"])
    _log(poor, accuracy=[0.4], loss=[0.3, float("nan")], verdict=["0.9"])
    lifecycle.fail(poor, by=Actor.of_user(bob), error={"message": "no"})
    return {"good": good, "poor": poor, "bare": bare, "child": child, "hidden": hidden}


def _log(run: Run, **series: list[float] | list[str]) -> None:
    rows = [Row(name, value) for name, values in series.items() for value in values]
    metrics.append(run, by=Actor.of_user(run.created_by), session="s", sequence=0, rows=rows)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", "good poor bare"),
        ("status:failed,canceled", "poor"),
        ("status:!=FAILED", "good bare"),
        ("status:run*,queued", "good bare"),
        ('tag:quality="fantastic run"', "good"),
        ("tag:quality=fan*", "good"),
        ("tag:quality=Fan*", ""),
        ('tag:quality="fantastic r"*', "good"),
        ("tag:quality=poor,*", "good poor"),
        ("tag:quality!=poor", "good"),
        ("tag:quality,skip", "good poor"),
        ('tag:"worth another look"', "good"),
        ('tag:"worth another look"=', "good"),
        ('tag:"worth another look"=""', ""),
        ('tag:"worth another look"!=x', "good"),
        ("tag:empty=", ""),
        ("tag:empty!=", "poor"),
        ('tag:empty=""', "poor"),
        ('tag:"a*"="50%_"', "good"),
        ('tag:"a*"=5*', "good"),
        ('tag:"a*"=50_*', ""),
        ('tag:"k:=!"=x', "good"),
        ("-tag:skip", "good bare"),
        ("-tag:quality=poor", "good bare"),
        ("experiment:explore-*", "good poor"),
        ("experiment:explore-runs,other", "good bare"),
        ("experiment:Explore-runs", ""),
        ("experiment:!=other", "good poor"),
        ("property:author=azureml-user", "good"),
        (f"property:long={LONG}", "poor"),
        (f"property:long={LONG}tail", "good"),
        (f"property:long={LONG}*", "good poor"),
        (f"property:long={LONG}t*", "good"),
        ("param:lr", "good poor"),
        ("param:lr,note", "good poor"),
        ("-param:lr", "bare"),
        ("param:lr=0.01", "good"),
        ("param:lr=1e-2", "good"),
        ('param:lr="1e-2"', ""),
        ('param:lr="0.01"', "good"),
        ("param:lr=.5", "poor"),
        ("param:lr=0.5,0.01", "good poor"),
        ("param:lr!=0.5", "good"),
        ("param:lr<0.1", "good"),
        ("param:lr<=0.01", "good"),
        ("param:lr>0.01", "poor"),
        ("param:lr>=0.01", "good poor"),
        ("param:lr=0*", "good"),
        ("param:optimizer=ad*", "good poor"),
        ("param:optimizer=adam,sgd", "good"),
        ("param:optimizer!=adam", "poor"),
        ("param:optimizer!=0.01", "good poor"),
        ("param:optimizer>0", ""),
        ("param:seed=9007199254740993", "good"),
        ("param:seed!=9007199254740993", "poor"),
        ("param:lr=1e999", ""),
        ('param:note=""', "good"),
        ("experiment:explore-more param:lr>0", "poor"),
        ("metric:accuracy>0.9", "good"),
        ("metric:accuracy<=.4", "poor"),
        ("metric:accuracy>=4e-1", "good poor"),
        ("metric:accuracy=0.95,0.4", "good poor"),
        ("metric:accuracy!=0.95", "poor"),
        ("metric:loss<0.1", ""),
        ("metric:loss.min<0.1", "good"),
        ("metric:loss.max>=1", "good"),
        ("metric:loss.last=0.2", "good"),
        ("metric:loss=NaN", "poor"),
        ("metric:loss!=0.2", "poor"),
        ("metric:loss,nothing", "good poor"),
        ("metric:verdict=ok", "good"),
        ("metric:verdict=0.9", ""),
        ('metric:verdict="0.9"', "poor"),
        ("metric:verdict=o*", "good"),
        ('metric:accuracy=""', ""),
        ("compute:gpu-cluster", "bare"),
        ("compute:sdk", "good poor"),
        ("submitter:me", "good bare"),
        ('submitter:"me"', ""),
        ("submitter:BOB", "poor"),
        ("submitter:bo*,me", "good poor bare"),
        ("parent:good", "child"),
        ("parent:*", "child"),
        ("parent:good tag:quality=poor", "child"),
        ("is:child", "child"),
        ("-is:child", "good poor bare"),
        ("is:archived", "hidden"),
        ("is:child OR id:poor", "poor child"),
        ("id:go*", "good"),
        ('name:"First try"', "good"),
        ("type:studio.scriptrun", ""),
        ('"FIRST tr"', "good"),
        ("feverish", "poor"),
        ("RUNN", "good"),
        ("explore-MORE", "poor"),
        ("bob", "poor"),
        ("other look", "good"),
        ("50%_", "good"),
        ("50__", ""),
        ("-feverish -another", "bare"),
        ("(id:good OR id:poor) -status:failed", "good"),
        ("id:good OR id:poor status:running", "good"),
        ("-(id:good OR id:poor)", "bare"),
    ],
)  # fmt: skip
def test_a_query_finds(found: Found, monkeypatch: pytest.MonkeyPatch, query: str, ids: str) -> None:
    assert found(query) == ids.split()
    # The same by looking run by run, as for what is common.
    monkeypatch.setattr(survey, "rare", lambda *_: frozenset())
    assert found(query) == ids.split()


def test_me_is_who_asks(runs: dict[str, Run], found: Found, bob: User) -> None:
    assert found("submitter:me", by=bob) == ["poor"]


def test_what_is_said_besides_must_hold_as_well(runs: dict[str, Run], found: Found) -> None:
    assert found("metric:accuracy", experiment="explore-runs") == ["good"]
    assert found("tag:quality=poor", include_children=True) == ["poor", "child"]
    assert found("tag:quality=poor", parent="good") == ["child"]
    assert found("is:archived", include_children=True) == ["hidden"]


def test_runs_of_another_workspace_are_never_found(
    runs: dict[str, Run], found: Found, make_run: MakeRun, charlie: User, other_workspace: Workspace
) -> None:
    theirs = make_run(
        inside=other_workspace, by=charlie, run_id="good", tags={"theirs": "x"}, start=True
    )
    make_run(inside=other_workspace, by=charlie, run_id="below", parent_run_id=theirs.run_id)
    _log(theirs, accuracy=[0.99])
    assert found("tag:theirs OR parent:good") == ["child"]
    assert found("metric:accuracy>0.96") == []


@pytest.mark.parametrize(
    ("query", "position", "words", "hint"),
    [
        ("stats:failed", 1, 'There is no field "stats"', "Did you mean status?"),
        ("xyzzy:1", 1, "There is no field", "status, tag, "),
        ("a parameter:lr=1", 3, "There is no field", "Did you mean param?"),
        ("status:fialed", 8, 'no status "fialed"', "Did you mean Failed?"),
        ("status:running,x", 16, 'no status "x"', "NotStarted"),
        ("status:>failed", 1, "= or != only", ""),
        ("experiment:a=b", 13, "not compared again", 'experiment:"a=b"'),
        ("tag:a>1", 1, "texts", "metric"),
        ("tag:a,b=1", 7, "One tag", ""),
        ("tag:=1", 1, "Which tag", ""),
        ("tag:a*", 6, "not of a name", '"a*"'),
        ("metric:a*>1", 9, "not of a name", ""),
        ("metric:a=", 9, "value is missing", ""),
        ("metric:a>good", 10, "Expected here is a number", ""),
        ("metric:a>1,2", 12, "One value", "OR"),
        ("metric:a.min=x", 14, "Expected here is a number", ""),
        ("metric:a>1e999", 10, "too large", ""),
        ("metric:a>nan", 10, "a number", ""),
        ("metric:a>1_000", 10, "a number", ""),
        ("metric:a>٣", 10, "a number", ""),
        ("param:a>good", 9, "Expected here is a number", "param:a>0.9"),
        ('param:a>"1"', 9, "Expected here is a number", ""),
        ("param:a=", 8, "value is missing", ""),
        ("param:=1", 1, "Which parameter", "param:name="),
        ("param:a,b=1", 9, "One parameter", ""),
        ("param:a*", 8, "not of a name", '"a*"'),
        ("created:yesterday", 9, "is no time", "created:>-7d"),
        ("created:2026-13-01", 9, "is no time", ""),
        ("created:0001-01-01T00:00+10:00", 9, "is no time", ""),
        ("created:9999-12-31", 9, "is no time", ""),
        ("created:>-99999999w", 10, "is no time", ""),
        ("created:-7d", 9, "a moment", "created:>-7d"),
        ("created:>2026-11-01*", 10, "is no time", ""),
        ("duration:2h", 1, "compared by >", "duration:>2h"),
        ("duration:>2", 11, "is no duration", ""),
        ("duration:>999999999d", 11, "is no duration", ""),
        ("is:chil", 4, "never", "Did you mean child?"),
        ("is:child*", 4, "never", ""),
    ],
)  # fmt: skip
def test_what_no_run_can_have_is_refused(
    found: Found, query: str, position: int, words: str, hint: str
) -> None:
    with pytest.raises(Refused) as caught:
        found(query)
    refused = caught.value
    assert refused.field == "filter"
    assert words in refused.detail
    assert hint in refused.hint
    assert refused.extra["position"] == position


def test_nobody_is_not_me(workspace: Workspace) -> None:
    asked = RunQuery(filter="submitter:me")
    with pytest.raises(Refused, match="Nobody asks here"):
        matching(Run.objects.all(), asked, workspace=workspace, by=Actor.system("alerts"))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tree=trees(MEANT))
def test_a_run_either_is_meant_or_is_not(runs: dict[str, Run], found: Found, tree: Node) -> None:
    among = found(f"({tree}) OR -({tree})")
    meant, others = found(str(tree)), found(str(Not(tree)))
    assert sorted(meant + others) == sorted(among)
    assert {"good", "poor", "bare"} <= set(among)
