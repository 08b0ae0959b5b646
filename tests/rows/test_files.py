"""Table 7.4: files up and down."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from studio.sdk import Experiment, Run, UserErrorException
from tests.rows.conftest import Pages


@pytest.fixture
def made(run: Run) -> Path:
    """A folder with two files."""
    for name in ("made/a.txt", "made/deep/b.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    return Path("made")


@pytest.fixture
def stored(run: Run, made: Path) -> Run:
    """A run with the files of that folder, below outputs."""
    run.upload_folder("outputs", str(made))
    return run


@pytest.mark.row("7.4-upload_file")
def test_7_4_upload_file_takes_a_path_or_a_stream(run: Run, made: Path, pages: Pages) -> None:
    run.upload_file("outputs/a.txt", "made/a.txt", datastore_name=None)
    run.upload_file(name="outputs/b.txt", path_or_stream=io.BytesIO(b"bytes"))
    assert run.get_file_names() == ["outputs/a.txt", "outputs/b.txt"]
    assert pages.get(f"/w/main/runs/{run.id}/files/outputs/b.txt") == "bytes"


@pytest.mark.row("7.4-upload_file")
def test_7_4_upload_file_refuses_other_bytes_under_the_same_name(run: Run, made: Path) -> None:
    run.upload_file("a.txt", "made/a.txt")
    run.upload_file("a.txt", "made/a.txt")
    with pytest.raises(UserErrorException, match="another file"):
        run.upload_file("a.txt", io.BytesIO(b"other"))
    run.download_file("a.txt")
    assert Path("a.txt").read_text() == "made/a.txt"


@pytest.mark.row("7.4-upload_file")
@pytest.mark.parametrize("source", ["missing.txt", "made", 3, None])
def test_7_4_upload_file_refuses_what_is_no_file(run: Run, made: Path, source: Any) -> None:
    with pytest.raises(UserErrorException, match=r"cannot be read|a path or a binary stream"):
        run.upload_file("x", source)
    assert run.get_file_names() == []


@pytest.mark.row("7.4-upload_file")
def test_7_4_upload_file_by_hand_is_not_in_the_way_of_the_end(experiment: Experiment) -> None:
    run = experiment.start_logging(snapshot_directory=None)
    Path("outputs/myfile.txt").write_text("by hand")
    run.upload_file("outputs/myfile.txt", "outputs/myfile.txt")
    run.complete()
    assert (run.get_status(), run.get_file_names()) == ("Completed", ["outputs/myfile.txt"])


@pytest.mark.row("7.4-upload_files")
def test_7_4_upload_files_takes_names_and_paths(run: Run, made: Path) -> None:
    run.upload_files(["x.txt", "y/z.txt"], ["made/a.txt", "made/deep/b.txt"])
    assert run.get_file_names() == ["x.txt", "y/z.txt"]


@pytest.mark.row("7.4-upload_files")
def test_7_4_upload_files_counts_names_and_paths(run: Run, made: Path) -> None:
    with pytest.raises(TypeError, match="2 names and 1 paths"):
        run.upload_files(["x", "y"], ["made/a.txt"])
    with pytest.warns(UserWarning, match="given twice"):
        run.upload_files(["x", "x"], ["made/a.txt", "made/deep/b.txt"])
    assert run.get_file_names() == ["x"]


@pytest.mark.row("7.4-upload_folder")
def test_7_4_upload_folder_keeps_the_paths_below_it(run: Run, made: Path) -> None:
    run.upload_folder(name="copied", path=str(made))
    assert run.get_file_names() == ["copied/a.txt", "copied/deep/b.txt"]
    with pytest.raises(UserErrorException, match="is no folder"):
        run.upload_folder("x", "made/a.txt")


@pytest.mark.row("7.4-get_file_names")
def test_7_4_get_file_names_are_those_of_files_and_logs(run: Run, pages: Pages) -> None:
    assert run.get_file_names() == []
    run.upload_file("b.txt", io.BytesIO(b""))
    run.upload_file("a/b.txt", io.BytesIO(b""))
    assert run.get_file_names() == ["a/b.txt", "b.txt"]
    html = pages.get(f"/w/main/runs/{run.id}/logs/")
    assert 'title="a/b.txt"' in html


@pytest.mark.row("7.4-download_file")
def test_7_4_download_file_goes_where_it_is_told(stored: Run, tmp_path: Path) -> None:
    stored.download_file("outputs/a.txt")
    assert Path("a.txt").read_text() == "made/a.txt"
    (tmp_path / "folder").mkdir()
    stored.download_file("outputs/a.txt", str(tmp_path / "folder"))
    stored.download_file("outputs/a.txt", output_file_path=str(tmp_path / "new/deep/c.txt"))
    assert (tmp_path / "folder/a.txt").read_text() == "made/a.txt"
    assert (tmp_path / "new/deep/c.txt").read_text() == "made/a.txt"


@pytest.mark.row("7.4-download_file")
def test_7_4_download_file_names_the_files_that_are_there(stored: Run) -> None:
    there = r"Its files: outputs/a\.txt, outputs/deep/b\.txt"
    with pytest.raises(UserErrorException, match=there):
        stored.download_file("missing.txt")
    assert not Path("missing.txt").exists()


@pytest.mark.row("7.4-download_files")
def test_7_4_download_files_takes_all_or_those_below_a_prefix(stored: Run, tmp_path: Path) -> None:
    stored.download_files(output_directory=str(tmp_path / "all"))
    stored.download_files(prefix="outputs/deep", output_directory=str(tmp_path / "some"))
    stored.download_files("outputs/deep", str(tmp_path / "bare"), append_prefix=False)
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.txt"))
    assert [name for name in found if not name.startswith("work/")] == [
        "all/outputs/a.txt",
        "all/outputs/deep/b.txt",
        "bare/b.txt",
        "some/outputs/deep/b.txt",
    ]
    stored.download_files(output_paths=["x.txt", "y/z.txt"], batch_size=1, timeout_seconds=60)
    assert Path("y/z.txt").read_text() == "made/deep/b.txt"
    with pytest.raises(UserErrorException, match="2 files and 1 paths"):
        stored.download_files(output_paths=["x.txt"])
    with pytest.raises(UserErrorException, match='no file below "nowhere"'):
        stored.download_files("nowhere")


@pytest.mark.row("7.4-no_data_container")
def test_7_4_no_data_container_is_ever_missing(experiment: Experiment, run: Run) -> None:
    body = {"experimentName": experiment.name, "runId": "elsewhere"}
    run._transport.api("POST", "runs", json=body)
    made = Run.get(experiment.workspace, "elsewhere")
    assert (made.get_status(), made.get_file_names()) == ("NotStarted", [])
    made.upload_file("a.txt", io.BytesIO(b"a"))
    assert made.get_file_names() == ["a.txt"]
