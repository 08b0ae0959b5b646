"""The table of routes: every path with its right, in one place."""

from __future__ import annotations

from runs.access import Right
from runs.api.mlflow import experiments, probes
from runs.api.mlflow.door import Probe, Route

PROBES = (
    Probe("/health", probes.health),
    Probe("/version", probes.version),
    Probe("3.0/mlflow/server-info", probes.server_info),
)
_EXPERIMENTS = "2.0/mlflow/experiments"
ROUTES = (
    Route("POST", f"{_EXPERIMENTS}/create", Right.START, experiments.create),
    Route("GET", f"{_EXPERIMENTS}/get", Right.VIEW, experiments.get),
    Route("GET", f"{_EXPERIMENTS}/get-by-name", Right.VIEW, experiments.get_by_name),
    Route("POST", f"{_EXPERIMENTS}/update", Right.ARRANGE, experiments.update),
    Route("POST", f"{_EXPERIMENTS}/delete", Right.ARRANGE, experiments.delete),
    Route("POST", f"{_EXPERIMENTS}/restore", Right.ARRANGE, experiments.restore),
    Route("POST", f"{_EXPERIMENTS}/set-experiment-tag", Right.ARRANGE, experiments.set_tag),
    Route("POST", f"{_EXPERIMENTS}/delete-experiment-tag", Right.ARRANGE, experiments.delete_tag),
)
