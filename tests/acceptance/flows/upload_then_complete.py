"""A file of ./outputs that was uploaded by hand does not disturb the end of the run."""

from pathlib import Path

from studio.sdk import Experiment, UserErrorException, Workspace

experiment = Experiment(workspace=Workspace.from_config(), name="explore-runs")
run = experiment.start_logging(snapshot_directory=None)
assert Path("outputs").is_dir()
Path("outputs/myfile.txt").write_text("This is an output file to upload.")
Path("outputs/other.txt").write_text("Collected at the end.")
run.upload_file(name="outputs/myfile.txt", path_or_stream="./outputs/myfile.txt")
run.upload_file(name="outputs/myfile.txt", path_or_stream="./outputs/myfile.txt")
run.complete()
assert run.get_status() == "Completed"
assert run.get_file_names() == ["outputs/myfile.txt", "outputs/other.txt"]
run.download_file("outputs/myfile.txt", "copy.txt")
assert Path("copy.txt").read_text() == "This is an output file to upload."
run.download_files(prefix="outputs", output_directory="all")
assert Path("all/outputs/other.txt").read_text() == "Collected at the end."
Path("outputs/myfile.txt").write_text("Something else.")
try:
    run.upload_file("outputs/myfile.txt", "outputs/myfile.txt")
except UserErrorException as error:
    assert "outputs/myfile.txt" in str(error)
else:
    raise AssertionError("a file was overwritten")
