"""Every method that logs, read back."""

import json
import math
from pathlib import Path

from studio.sdk import Experiment, Workspace

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


class Plot:
    """What a figure of matplotlib can do."""

    def savefig(self, stream, format):
        assert format == "png"
        stream.write(PICTURE)


charts = {
    "confusion_matrix": {"class_labels": ["cat", "dog"], "matrix": [[3, 1], [0, 4]]},
    "accuracy_table": {
        "class_labels": ["0"],
        "probability_tables": [[[2, 1, 3, 0]]],
        "percentile_tables": [[[2, 1, 3, 0]]],
        "probability_thresholds": [0.5],
        "percentile_thresholds": [0.5],
    },
    "residuals": {"bin_edges": [0, 1, 2], "bin_counts": [1, 2.5]},
    "predictions": {
        "bin_averages": [0.5],
        "bin_errors": [0.1],
        "bin_counts": [3],
        "bin_edges": [0, 1],
    },
}
experiment = Experiment(workspace=Workspace.from_config(), name="explore-runs")
Path("plot.png").write_bytes(PICTURE)
with experiment.start_logging(snapshot_directory=None) as run:
    run.log("once", 0.95)
    for step in range(3):
        run.log("loss", 1 / (step + 1), step=step)
    run.log("text", "a word")
    run.log("none", None)
    run.log("not a number", float("nan"))
    run.log_list("list", [0.6, 0.7, 0.87])
    run.log_list("range", range(3))
    run.log_list("generator", (n * n for n in range(3)))
    run.log_list("one", [5])
    run.log_row("row", x=1, y=2.5)
    for x in range(3):
        run.log_row("rows", x=x, y=x * x)
    run.log_table("table", {"x": [1, 2], "y": ["a", "b"]})
    run.log_image("picture", path="plot.png")
    run.log_image("drawn", plot=Plot())
    for kind, data in charts.items():
        document = {"schema_type": kind, "schema_version": "1.0.0", "data": data}
        getattr(run, f"log_{kind}")(kind, document)
        getattr(run, f"log_{kind}")(f"{kind} as text", json.dumps(document))

metrics = run.get_metrics()
assert math.isnan(metrics.pop("not a number"))
files = {name: metrics.pop(name) for name in ("picture", "drawn", *charts)}
for kind in charts:
    files[f"{kind} as text"] = metrics.pop(f"{kind} as text")
assert metrics == {
    "once": 0.95,
    "loss": [1.0, 0.5, 1 / 3],
    "text": "a word",
    "none": None,
    "list": [0.6, 0.7, 0.87],
    "range": [0, 1, 2],
    "generator": [0, 1, 4],
    "one": 5,
    "row": {"x": 1, "y": 2.5},
    "rows": {"x": [0, 1, 2], "y": [0, 1, 4]},
    "table": {"x": [1, 2], "y": ["a", "b"]},
}, metrics
for address in files.values():
    assert address.startswith(f"aml://artifactId/ExperimentRun/dcid.{run.id}/"), address
contents = run.get_metrics(populate=True)
assert contents["picture"] == contents["drawn"] == PICTURE
for kind, data in charts.items():
    assert json.loads(contents[kind])["data"] == data
assert run.get_metrics("loss") == {"loss": [1.0, 0.5, 1 / 3]}
assert run.get_metrics("never") == {}
