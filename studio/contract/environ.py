"""Names of the environment variables that a submitted script, a runner and an agent find."""

URL = "STUDIO_URL"
TOKEN = "STUDIO_TOKEN"  # noqa: S105  (the name of a variable, not a secret)
WORKSPACE = "STUDIO_WORKSPACE"
EXPERIMENT = "STUDIO_EXPERIMENT"
RUN_ID = "STUDIO_RUN_ID"
RUN_TOKEN = "STUDIO_RUN_TOKEN"  # noqa: S105
SPOOL_DIR = "STUDIO_SPOOL_DIR"
CONFIG_DIR = "STUDIO_CONFIG_DIR"
# Set for every process of a run and never elsewhere: how a child that left the group is found again.
MARKER = "STUDIO_RUN_MARKER"
# For a machine or one run: "off", or the seconds between two looks at CPU, memory and GPU.
SYSTEM_METRICS = "STUDIO_SYSTEM_METRICS"
