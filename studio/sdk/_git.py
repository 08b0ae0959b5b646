"""Which commit the source is at, as properties of a run."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 5
_PASSWORD = re.compile(r"(?<=://)[^/@]+@")


def properties(folder: Path) -> dict[str, str]:
    """Return repository, branch, commit and whether files differ from it; empty outside of git."""
    commit = _ask(folder, "rev-parse", "HEAD")
    if not commit:
        return {}
    # A repository's address may hold somebody's password.
    url = _PASSWORD.sub("", _ask(folder, "ls-remote", "--get-url"))
    branch = _ask(folder, "rev-parse", "--abbrev-ref", "HEAD")
    dirty = bool(_ask(folder, "status", "--porcelain", "--untracked-files=no"))
    told = {
        "azureml.git.repository_uri": url,
        "mlflow.source.git.repoURL": url,
        "azureml.git.branch": branch,
        "mlflow.source.git.branch": branch,
        "azureml.git.commit": commit,
        "mlflow.source.git.commit": commit,
        "azureml.git.dirty": str(dirty),
    }
    return {key: value for key, value in told.items() if value}


def _ask(folder: Path, *arguments: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 (a fixed command)
            ["git", "-C", str(folder), *arguments],  # noqa: S607 (the git that the user uses)
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
