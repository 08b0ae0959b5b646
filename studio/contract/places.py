"""Paths both sides know: a run's own folders and files, ignore files, the address of the API."""

from __future__ import annotations

from urllib.parse import quote

API = "/api/v1"

OUTPUTS = "outputs"
LOGS = "logs"
USER_LOGS = "user_logs"
SYSTEM_LOGS = "system_logs"
STD_LOG = "user_logs/std_log.txt"
RUNNER_LOG = "system_logs/runner.txt"
BLOCK_LOG = "logs/user_log.txt"
ATTACHMENTS = "attachments"

AML_IGNORE = ".amlignore"
GIT_IGNORE = ".gitignore"

CONFIG_FOLDER = ".studio"
CONFIG_FILE = "config.json"
CREDENTIALS_FILE = "credentials.json"


def api(workspace: str, *parts: str) -> str:
    """Return the API path of something in a workspace; every part is percent-encoded."""
    return "/".join(
        [API, "workspaces", quote(workspace, safe=""), *(quote(p, safe="") for p in parts)]
    )


def path(name: str) -> str:
    """Return a file's path inside a run, percent-encoded but for its slashes."""
    return quote(name, safe="/")


def run_page(workspace: str, run_id: str) -> str:
    """Return the path of a run's page."""
    return f"/w/{quote(workspace, safe='')}/runs/{quote(run_id, safe='')}/"


def run_file_page(workspace: str, run_id: str, name: str) -> str:
    """Return the path of the page that shows a file of a run, or of an attachment's bytes."""
    page = run_page(workspace, run_id)
    if name.startswith(f"{ATTACHMENTS}/"):
        return page + path(name)
    return f"{page}logs/?file={quote(name, safe='/')}"


def run_picture(workspace: str, run_id: str, name: str) -> str:
    """Return the path of the bytes of a run's file, or of an attachment, to be shown as an image."""
    page = run_page(workspace, run_id)
    if name.startswith(f"{ATTACHMENTS}/"):
        return page + path(name)
    return f"{page}files/{path(name)}?show"
