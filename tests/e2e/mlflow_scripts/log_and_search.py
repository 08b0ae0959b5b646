"""What a training script does with MLflow's own client; prints what it reads back as one JSON object."""

import json
import math
from pathlib import Path

import mlflow
from mlflow import MlflowClient

client = MlflowClient()
experiment = mlflow.set_experiment("vision/first try").experiment_id
with mlflow.start_run(run_name="parent", description="**Read** me") as parent:
    mlflow.log_param("lr", 0.1)
    mlflow.log_params({"layers": 3, "optimizer": "adam"})
    for step in range(5):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metrics({"accuracy": 0.9, "broken": math.nan, "endless": math.inf})
    mlflow.set_tag("quality", "good")
    mlflow.set_tags({"team": "vision", "worth a look": ""})
    Path("empty.txt").touch()
    Path("folder/inner").mkdir(parents=True)
    Path("folder/inner/data.csv").write_text("a,b\n1,2\n")
    mlflow.log_artifact("empty.txt")
    mlflow.log_artifacts("folder", artifact_path="data")
    mlflow.log_text("read me", "notes/a text.txt")
    mlflow.log_dict({"depth": 3}, "config.json")
    with mlflow.start_run(nested=True, run_name="child") as child:
        mlflow.log_metric("loss", 3)
    mlflow.log_metric("later", 1.0, synchronous=False)
    mlflow.flush_async_logging()
try:
    with mlflow.start_run(run_name="breaks") as broken:
        mlflow.log_metric("loss", 9)
        raise ValueError("it breaks")
except ValueError:
    pass
with mlflow.start_run(run_id=parent.info.run_id):
    mlflow.log_metric("resumed", 1)


def found(text, order=None):
    runs = client.search_runs([experiment], text, order_by=order or [])
    return (
        sorted(run.info.run_name for run in runs)
        if order is None
        else [run.info.run_name for run in runs]
    )


FILTERS = [
    "metrics.loss = 3",
    "metrics.loss != 3",
    "metrics.loss > 0.5",
    "metrics.loss >= 3",
    "metrics.loss < 0.5",
    "metrics.loss <= 3",
    "params.optimizer = 'adam'",
    "params.optimizer != 'adam'",
    "params.optimizer LIKE 'ad%'",
    "params.optimizer ILIKE 'AD%'",
    "params.optimizer IS NULL",
    "params.optimizer IS NOT NULL",
    "tags.quality = 'good'",
    "tags.`worth a look` = ''",
    "tags.quality IS NULL",
    f"tags.mlflow.parentRunId = '{parent.info.run_id}'",
    "attributes.status = 'FAILED'",
    "attributes.run_name LIKE 'pa%'",
    "run_name != 'parent'",
    f"attributes.run_id IN ('{parent.info.run_id}', '{child.info.run_id}')",
    f"attributes.run_id NOT IN ('{parent.info.run_id}')",
    "attributes.start_time > 0",
    "metrics.loss < 5 AND tags.team = 'vision'",
]
stored = client.get_run(parent.info.run_id)
life = client.create_experiment("short lived", tags={"kind": "trial"})
client.rename_experiment(life, "long lived")
client.set_experiment_tag(life, "owner", "vision")
client.delete_experiment(life)
deleted = client.get_experiment(life).lifecycle_stage
client.restore_experiment(life)
again = client.get_experiment_by_name("long lived")
client.delete_run(child.info.run_id)
binned = client.get_run(child.info.run_id).info.lifecycle_stage
left = found("")
client.restore_run(child.info.run_id)
files = [(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(parent.info.run_id)]
below = [f.path for f in client.list_artifacts(parent.info.run_id, "data/inner")]
fetched = Path(mlflow.artifacts.download_artifacts(run_id=parent.info.run_id, dst_path="fetched"))
try:
    client.get_run("0" * 32)
    unknown = ""
except mlflow.MlflowException as error:
    unknown = error.error_code
try:
    client.log_param(parent.info.run_id, "lr", 0.2)
    changed = ""
except mlflow.MlflowException as error:
    changed = error.error_code
print(
    json.dumps(
        {
            "parent": parent.info.run_id,
            "child": child.info.run_id,
            "status": stored.info.status,
            "broken": client.get_run(broken.info.run_id).info.status,
            "params": stored.data.params,
            "metrics": {k: str(v) for k, v in stored.data.metrics.items()},
            "history": [m.value for m in client.get_metric_history(parent.info.run_id, "loss")],
            "found": {text: found(text) for text in FILTERS},
            "by loss": found("", ["metrics.loss DESC"]),
            "experiment": [deleted, again.lifecycle_stage, again.tags],
            "binned": [binned, left],
            "files": files,
            "below": below,
            "fetched": sorted(
                [str(p.relative_to(fetched)), p.read_text()] for p in fetched.rglob("*.*")
            ),
            "text": mlflow.artifacts.load_text(f"{parent.info.artifact_uri}/notes/a text.txt"),
            "refused": [unknown, changed],
        }
    )
)
