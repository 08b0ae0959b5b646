"""The Python SDK: start runs, log to them, submit scripts, read everything back.

>>> from studio.sdk import Experiment, Workspace
>>> experiment = Experiment(Workspace.from_config(), "explore-runs")
>>> with experiment.start_logging() as run:
...     run.log("loss", 0.25)
"""

from studio import __version__ as VERSION  # noqa: N812 (the name of the original)
from studio.sdk._alert import Alert
from studio.sdk._compute import ComputeTarget
from studio.sdk._exceptions import (
    ActivityCanceledException,
    ActivityFailedException,
    AzureMLAggregatedException,
    AzureMLException,
    ExperimentExecutionException,
    RunConfigurationException,
    RunEnvironmentException,
    ServiceException,
    SnapshotException,
    StudioException,
    UserErrorException,
)
from studio.sdk._experiment import Experiment
from studio.sdk._finding import get_run
from studio.sdk._run import Run
from studio.sdk._run_config import Environment, RunConfiguration
from studio.sdk._script import ScriptRunConfig
from studio.sdk._workspace import Workspace

__all__ = [
    "VERSION",
    "ActivityCanceledException",
    "ActivityFailedException",
    "Alert",
    "AzureMLAggregatedException",
    "AzureMLException",
    "ComputeTarget",
    "Environment",
    "Experiment",
    "ExperimentExecutionException",
    "Run",
    "RunConfiguration",
    "RunConfigurationException",
    "RunEnvironmentException",
    "ScriptRunConfig",
    "ServiceException",
    "SnapshotException",
    "StudioException",
    "UserErrorException",
    "Workspace",
    "get_run",
]
