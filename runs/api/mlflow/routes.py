"""The table of routes: every path with its right, in one place."""

from __future__ import annotations

from runs.access import Right
from runs.api.mlflow import (
    artifacts,
    experiment_search,
    experiments,
    history,
    labels,
    metrics,
    models,
    probes,
    runs,
    search,
)
from runs.api.mlflow.door import Probe, Route

PROBES = (
    Probe("/health", probes.health),
    Probe("/version", probes.version),
    Probe("3.0/mlflow/server-info", probes.server_info),
)
_EXPERIMENTS, _RUNS = "2.0/mlflow/experiments", "2.0/mlflow/runs"
_METRICS = "2.0/mlflow/metrics"
_FILES = "2.0/mlflow-artifacts"
_FILE = f"{_FILES}/artifacts/<path:path>"
ROUTES = (
    Route("POST", f"{_EXPERIMENTS}/create", Right.START, experiments.create),
    Route("GET", f"{_EXPERIMENTS}/get", Right.VIEW, experiments.get),
    Route("GET", f"{_EXPERIMENTS}/get-by-name", Right.VIEW, experiments.get_by_name),
    Route("POST", f"{_EXPERIMENTS}/update", Right.ARRANGE, experiments.update),
    Route("POST", f"{_EXPERIMENTS}/delete", Right.ARRANGE, experiments.delete),
    Route("POST", f"{_EXPERIMENTS}/restore", Right.ARRANGE, experiments.restore),
    Route("POST", f"{_EXPERIMENTS}/set-experiment-tag", Right.ARRANGE, experiments.set_tag),
    Route("POST", f"{_EXPERIMENTS}/delete-experiment-tag", Right.ARRANGE, experiments.delete_tag),
    Route("GET", f"{_EXPERIMENTS}/search", Right.VIEW, experiment_search.search),
    Route("POST", f"{_EXPERIMENTS}/search", Right.VIEW, experiment_search.search),
    Route("POST", f"{_RUNS}/create", Right.START, runs.create),
    Route("GET", f"{_RUNS}/get", Right.VIEW, runs.get),
    Route("POST", f"{_RUNS}/update", Right.OPERATE, runs.update),
    Route("POST", f"{_RUNS}/delete", Right.BULK, runs.delete),
    Route("POST", f"{_RUNS}/restore", Right.BULK, runs.restore),
    Route("POST", f"{_RUNS}/set-tag", Right.EDIT, labels.set_tag),
    Route("POST", f"{_RUNS}/delete-tag", Right.EDIT, labels.delete_tag),
    Route("POST", f"{_RUNS}/log-parameter", Right.LOG, labels.log_parameter),
    Route("POST", f"{_RUNS}/log-metric", Right.LOG, metrics.log_metric),
    Route("POST", f"{_RUNS}/log-batch", Right.LOG, metrics.log_batch),
    Route("POST", f"{_RUNS}/search", Right.VIEW, search.search),
    Route("GET", f"{_METRICS}/get-history", Right.VIEW, history.of_run),
    Route("GET", f"{_METRICS}/get-history-bulk", Right.VIEW, history.of_runs, is_ajax_only=True),
    Route("GET", f"{_METRICS}/get-history-bulk-interval", Right.VIEW, history.of_interval),
    Route("PUT", _FILE, Right.LOG, artifacts.put),
    Route("GET", _FILE, Right.VIEW, artifacts.get),
    Route("DELETE", _FILE, Right.BULK, artifacts.delete),
    Route("GET", f"{_FILES}/artifacts", Right.VIEW, artifacts.listed),
    Route("POST", f"{_FILES}/mpu/<str:step>/<path:path>", Right.LOG, artifacts.in_one_part),
    Route("GET", "2.0/mlflow/artifacts/list", Right.VIEW, artifacts.listed_of_run),
    Route("POST", "2.0/mlflow/logged-models/search", Right.VIEW, models.search),
)
