"""Every row of the specification, by its id, with a short title.

``A-…`` are the rows of its section 2. Rows of its other tables are named by section and row, such as
``7.1-log_list``.
"""

from __future__ import annotations

_START = {
    "A-01": "the version of the SDK",
    "A-02": "load a workspace from a config file",
    "A-03": "write the config file",
    "A-04": "get or create an experiment",
    "A-05": "start an interactive run",
    "A-06": "log a value",
    "A-07": "sign in at the command line",
    "A-08": "attach a folder",
    "A-09": "submit a script at the command line",
    "A-10": "save a run configuration",
    "A-11": "start a run in the designer",
    "A-12": "the designer's tutorial",
}
_MONITOR = {
    "A-13": "status",
    "A-14": "detailed status",
    "A-15": "details",
    "A-16": "complete",
    "A-17": "the with block",
    "A-18": "list runs",
    "A-19": "show a run",
    "A-20": "All experiments and All runs",
    "A-21": "customise the list: charts, filters, selection",
    "A-22": "share a custom view",
    "A-23": "Outputs + logs",
    "A-24": "active compute targets and durations",
}
_MAIL_AND_DESCRIPTION = {
    "A-25": "e-mail by an alert rule of a portal",
    "A-26": "the record of a change of status",
    "A-27": "events for other systems",
    "A-28": "notification rules",
    "A-29": "edit a description",
    "A-30": "a description in Markdown",
    "A-31": "search in descriptions",
    "A-32": "a column for the description",
}
_LABELS = {
    "A-33": "add properties",
    "A-34": "read properties",
    "A-35": "a property is never deleted",
    "A-36": "tag",
    "A-37": "a tag without a value",
    "A-38": "several tags",
    "A-39": "read tags",
    "A-40": "remove tags",
    "A-41": "tag at the command line",
    "A-42": "tags in the studio",
}
_QUERY = {
    "A-43": "get_runs",
    "A-44": "tags or properties by key",
    "A-45": "tags or properties by key and value",
    "A-46": "tags or properties of another type",
    "A-47": "Run.list, with a status",
    "A-48": "runs of a compute target",
    "A-49": "a run by its id",
    "A-50": "JMESPath",
    "A-51": "Add filter",
    "A-52": "the search bar",
}
_END = {
    "A-53": "cancel",
    "A-54": "cancel at the command line",
    "A-55": "cancel in the studio",
    "A-56": "fail",
}
_CHILDREN = {
    "A-57": "one child",
    "A-58": "many children",
    "A-59": "submit a child",
    "A-60": "no child without a parent",
    "A-61": "each run has its own status",
    "A-62": "list children",
    "A-63": "the parent",
    "A-64": "walk to the root",
    "A-65": "wait for the end",
    "A-66": "the run of this script",
    "A-67": "compute targets by name",
}
_LOGGING = {
    "7.1-log": "a value",
    "7.1-log_list": "a series",
    "7.1-log_row": "a row of a table",
    "7.1-log_table": "a table",
    "7.1-log_image": "an image",
    "7.1-log_confusion_matrix": "a confusion matrix",
    "7.1-log_accuracy_table": "an accuracy table",
    "7.1-log_residuals": "residuals",
    "7.1-log_predictions": "predictions",
    "7.1-get_metrics": "read metrics",
    "7.1-flush": "wait until all has arrived",
}
_VALUES = {
    "7.3-plain": "numbers, bools, None and text",
    "7.3-int64": "64-bit integers of numpy",
    "7.3-not_finite": "NaN and infinities",
    "7.3-repr": "values that are kept as their repr",
    "7.3-mixed_list": "numbers and text in one series",
    "7.3-empty": "empty series and tables",
    "7.3-nested": "lists inside series and rows",
    "7.3-unequal_columns": "columns of unequal lengths",
    "7.3-series_in_log": "a series given to log",
}
_FILES = {
    "7.4-upload_file": "one file up",
    "7.4-upload_files": "several files up",
    "7.4-upload_folder": "a folder up",
    "7.4-get_file_names": "the names of the files",
    "7.4-download_file": "one file down",
    "7.4-download_files": "several files down",
    "7.4-no_data_container": "a run without a place for files",
}
_COMMANDS = {
    "8.2": "run list",
    "8.3-show": "run show",
    "8.3-cancel": "run cancel",
    "8.3-update": "run update",
    "8.3-monitor-logs": "run monitor-logs",
    "8.3-download-logs": "run download-logs",
    "8.3-monitor-tensorboard": "run monitor-tensorboard",
    "8.3-submit-hyperdrive": "run submit-hyperdrive and submit-pipeline",
    "8.3-experiment-list": "experiment list",
    "8.3-folder-attach": "folder attach",
    "8.4": "run submit-script",
    "8.5": "run update --add-tag",
    "8.6-1": "a query for a property",
    "8.6-2": "a query for the beginning of a tag's key",
    "8.6-3": "a query for a property and a tag",
}
ROWS: dict[str, str] = {
    **_START,
    **_MONITOR,
    **_MAIL_AND_DESCRIPTION,
    **_LABELS,
    **_QUERY,
    **_END,
    **_CHILDREN,
    **_LOGGING,
    **_VALUES,
    **_FILES,
    **_COMMANDS,
}


def in_a_name(row: str) -> str:
    """Return a row's id as it stands in the name of a test: ``a05``, ``7_1_log_list``."""
    plain = row.lower().replace(".", "_").replace("-", "_")
    return plain.replace("a_", "a", 1) if row.startswith("A-") else plain
