"""Section 2.5: tags and properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from studio.sdk import Experiment, Run, ScriptRunConfig, ServiceException, UserErrorException
from tests.cli.conftest import Cli
from tests.rows.conftest import Pages

Result = Callable[..., Any]


@pytest.mark.row("A-33")
def test_a33_properties_are_added_at_any_time(run: Run) -> None:
    run.add_properties({"author": "azureml-user"})
    run.add_properties({})
    run.complete()
    run.add_properties({"reviewer": "bob", "author": "azureml-user"})
    assert run.get_properties() == {"author": "azureml-user", "reviewer": "bob"}


@pytest.mark.row("A-33")
def test_a33_a_value_that_is_no_text_becomes_one_with_a_warning(run: Run) -> None:
    with pytest.warns(UserWarning, match='property "layers".*the text "3"'):
        run.add_properties({"layers": 3})
    assert run.get_properties() == {"layers": "3"}


@pytest.mark.row("A-33")
def test_a33_a_property_never_changes(run: Run) -> None:
    run.add_properties({"author": "azureml-user"})
    with pytest.raises(UserErrorException, match=r"author.*never change"):
        run.add_properties({"author": "somebody else", "new": "x"})
    assert run.get_properties() == {"author": "azureml-user"}


@pytest.mark.row("A-34")
def test_a34_properties_of_the_system_are_among_them(
    experiment: Experiment, config: ScriptRunConfig, result: Result, pages: Pages
) -> None:
    run = experiment.submit(config, run_id="submitted")
    run.add_properties({"author": "azureml-user"})
    seen = Run.get(experiment.workspace, "submitted")
    assert seen.properties == run.get_properties()
    assert seen.properties["ContentSnapshotId"] == run.get_snapshot_id()
    assert result("run", "show", "-r", "submitted")["properties"] == seen.properties
    html = pages.get("/w/main/runs/submitted/")
    assert '<dt title="author">author</dt>' in html
    assert '<dt title="ContentSnapshotId">' in html


@pytest.mark.row("A-35")
def test_a35_nothing_takes_a_property_away(run: Run, cli: Cli) -> None:
    run.add_properties({"author": "azureml-user"})
    with pytest.raises(ServiceException) as refused:
        run._transport.run("DELETE", run.id, "properties", json={"keys": ["author"]})
    assert refused.value.status == 405
    assert not [name for name in dir(run) if "propert" in name and "remove" in name]
    assert cli("run", "update", "-r", run.id, "--remove-property", "author")[0] == 2
    assert run.get_properties() == {"author": "azureml-user"}


@pytest.mark.row("A-36")
def test_a36_a_tag_is_set_and_overwritten(run: Run) -> None:
    run.tag("quality", "fantastic run")
    run.tag("quality", "poor")
    assert run.get_tags() == {"quality": "poor"}
    run.complete()
    run.tag("quality", "fantastic run")
    assert run.get_tags() == {"quality": "fantastic run"}


@pytest.mark.row("A-37")
def test_a37_a_tag_may_have_no_value(run: Run, result: Result, pages: Pages) -> None:
    run.tag("worth another look")
    run.tag("empty", "")
    assert run.get_tags() == {"worth another look": None, "empty": ""}
    assert result("run", "show", "-r", run.id)["tags"] == {"worth another look": None, "empty": ""}
    assert "<span>worth another look</span></a>" in pages.get(f"/w/main/runs/{run.id}/")


@pytest.mark.row("A-38")
def test_a38_several_tags_are_merged_with_those_there(run: Run) -> None:
    run.set_tags({"quality": "poor", "look": None})
    with pytest.warns(UserWarning, match='tag "Competition Rank".*the text "1"'):
        run.set_tags({"quality": "good", "Competition Rank": 1})
    assert run.get_tags() == {"quality": "good", "look": None, "Competition Rank": "1"}
    run.set_tags({})
    with pytest.raises(UserErrorException, match="Tags are a dict such as"):
        run.set_tags("look")  # type: ignore[arg-type]
    assert len(run.get_tags()) == 3


@pytest.mark.row("A-39")
def test_a39_tags_are_asked_for_or_as_last_seen(run: Run) -> None:
    seen = Run.get(run.experiment.workspace, run.id)
    run.tag("quality", "good")
    assert seen.tags == {}
    assert seen.get_tags() == {"quality": "good"}
    assert seen.tags == {"quality": "good"}


@pytest.mark.row("A-40")
def test_a40_tags_are_removed_by_key(run: Run) -> None:
    run.set_tags({"a": "1", "b": None, "c": "3"})
    run.remove_tags(["a", "b", "never there"])
    assert run.get_tags() == {"c": "3"}


@pytest.mark.row("A-41", "8.5")
def test_a41_8_5_the_command_line_adds_changes_and_removes_tags(run: Run, result: Result) -> None:
    update = ("run", "update", "-r", run.id)
    told = result(*update, "--add-tag", "quality=fantastic run")
    assert told["tags"] == {"quality": "fantastic run"}
    told = result(*update, "--add-tag", "quality=a=b", "--add-tag", "worth another look", "empty=")
    assert told["tags"] == {"quality": "a=b", "worth another look": None, "empty": ""}
    told = result(*update, "--remove-tag", "quality", "--description", "*why*")
    assert (told["tags"], told["description"]) == (
        {"worth another look": None, "empty": ""},
        "*why*",
    )
    assert result(*update, "--display-name", "best")["displayName"] == "best"
    assert run.get_tags() == told["tags"]


@pytest.mark.row("8.5")
def test_8_5_a_tag_without_a_key_is_refused(run: Run, cli: Cli) -> None:
    code, _, err = cli("run", "update", "-r", run.id, "--add-tag", "=x")
    assert (code, "it is KEY or KEY=VALUE" in err) == (2, True)


@pytest.mark.row("A-42")
def test_a42_tags_are_on_the_pages_of_the_studio(run: Run, pages: Pages) -> None:
    run.set_tags({"quality": "a <b> run"})
    for path in (f"/w/main/runs/{run.id}/", "/w/main/runs/?tag=quality"):
        assert "<span>a &lt;b&gt; run</span>" in pages.get(path)
    assert "No run matches" in pages.get("/w/main/runs/?tag=other")
