"""Files, logs and snapshots go up and come down again."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from studio.contract import places
from studio.sdk import (
    AzureMLAggregatedException,
    AzureMLException,
    Experiment,
    Run,
    SnapshotException,
    UserErrorException,
)


@pytest.fixture
def run(experiment: Experiment) -> Run:
    return experiment.start_logging(snapshot_directory=None, outputs=False)


def test_files_and_folders_go_up(run: Run) -> None:
    Path("made/deep").mkdir(parents=True)
    for name in ("a.txt", "deep/b.txt"):
        Path("made", name).write_text(name)
    run.upload_file("stream.bin", io.BytesIO(b"bytes"))
    run.upload_files(["x.txt", "y.txt"], ["made/a.txt", "made/deep/b.txt"])
    run.upload_folder("copied", "made")
    assert run.get_file_names() == [
        "copied/a.txt",
        "copied/deep/b.txt",
        "stream.bin",
        "x.txt",
        "y.txt",
    ]


def test_what_cannot_go_up_is_said(run: Run) -> None:
    Path("a.txt").write_text("a")
    with pytest.raises(TypeError, match="2 names and 1 paths"):
        run.upload_files(["x", "y"], ["a.txt"])
    with pytest.raises(UserErrorException, match="is no folder"):
        run.upload_folder("x", "a.txt")
    with pytest.raises(UserErrorException, match="cannot be read"):
        run.upload_file("x", "missing.txt")
    with pytest.warns(UserWarning, match="given twice"):
        run.upload_files(["x", "x"], ["a.txt", "a.txt"])
    Path("a.txt").write_text("other")
    with pytest.raises(UserErrorException, match="another file"):
        run.upload_file("x", "a.txt")


def test_a_file_uploaded_by_hand_is_not_in_the_way_of_the_end(experiment: Experiment) -> None:
    run = experiment.start_logging(snapshot_directory=None)
    Path("outputs/myfile.txt").write_text("by hand")
    run.upload_file("outputs/myfile.txt", "outputs/myfile.txt")
    run.complete()
    assert (run.get_status(), run.get_file_names()) == ("Completed", ["outputs/myfile.txt"])


def test_files_come_down(run: Run, tmp_path: Path) -> None:
    for name in ("outputs/a.txt", "outputs/deep/b.txt", "c.txt"):
        run.upload_file(name, io.BytesIO(name.encode()))
    run.download_file("outputs/a.txt")
    assert Path("a.txt").read_text() == "outputs/a.txt"
    run.download_file("c.txt", tmp_path / "new/place.txt")
    assert (tmp_path / "new/place.txt").read_text() == "c.txt"
    run.download_files(output_directory=tmp_path / "all")
    run.download_files("outputs", tmp_path / "some", append_prefix=False)
    found = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.txt"))
    assert [name for name in found if name.startswith(("all", "some"))] == [
        "all/c.txt",
        "all/outputs/a.txt",
        "all/outputs/deep/b.txt",
        "some/a.txt",
        "some/deep/b.txt",
    ]


def test_what_is_not_there_is_said_and_leaves_nothing(run: Run) -> None:
    run.upload_file("there.txt", io.BytesIO(b"x"))
    with pytest.raises(UserErrorException, match=r"Its files: there\.txt"):
        run.download_file("missing.txt")
    with pytest.raises(UserErrorException, match="below"):
        run.download_files("nowhere")
    assert not list(Path().glob("*missing*"))


def test_logs_come_down_whole(experiment: Experiment, tmp_path: Path) -> None:
    with experiment.start_logging(snapshot_directory=None, outputs=False) as run:
        print("hello")
    paths = run.get_all_logs(tmp_path / "logs")
    assert [Path(path).read_text() for path in paths] == ["hello\n"]
    assert run.get_details_with_logs()["logFiles"] == {places.BLOCK_LOG: "hello\n"}
    (tmp_path / "file").touch()
    with pytest.raises(UserErrorException, match="is a file"):
        run.get_all_logs(tmp_path / "file")


def test_a_run_has_one_snapshot_and_gives_it_back(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.py").write_text("print(1)")
    with pytest.raises(SnapshotException, match="has no snapshot"):
        run.get_snapshot_id()
    sid = run.take_snapshot(source)
    assert run.get_snapshot_id() == sid
    (source / "train.py").write_text("print(2)")
    with pytest.raises(SnapshotException, match="one at most"):
        run.take_snapshot(source)
    path = Path(run.restore_snapshot(path=tmp_path / "new"))
    assert (path.is_absolute(), path.name) == (True, f"{sid}.zip")
    with zipfile.ZipFile(path) as archive:
        assert archive.read("train.py") == b"print(1)"


def test_of_several_files_those_that_can_be_are_stored_and_all_errors_told(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a")
    names = ["outputs/a.txt", "outputs/b.txt", "outputs/c.txt"]
    paths = [str(tmp_path / name) for name in ("a.txt", "b.txt", "c.txt")]
    with pytest.raises(AzureMLAggregatedException, match="2 of them failed") as caught:
        run.upload_files(names, paths)
    assert len(caught.value.exception_list) == 2
    assert run.get_file_names() == ["outputs/a.txt"]
    with pytest.raises(AzureMLException, match=r"b\.txt cannot be read"):
        run.upload_files(names[:2], paths[:2])
