"""Where the studio is and who asks: environment, config file, credentials file."""

from __future__ import annotations

import itertools
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.contract import environ, places
from studio.sdk._exceptions import UserErrorException
from studio.sdk._transport import Transport

# Ours first, then the file names of Azure Machine Learning, each looked for up to the root.
_FILES = (
    f"{places.CONFIG_FOLDER}/{places.CONFIG_FILE}",
    ".azureml/config.json",
    ".azureml/project.json",
    "aml_config/config.json",
    "aml_config/project.json",
    "config.json",
    "project.json",
)


@dataclass(frozen=True, slots=True)
class Connection:
    """A studio, a token and a workspace; ``told`` is the config file that names them."""

    url: str
    token: str
    workspace: str
    told: dict[str, Any] = field(default_factory=dict, compare=False)

    def open(self) -> Transport:
        """Return a transport for it."""
        return Transport(self.url, self.token, self.workspace)


def config_dir() -> Path:
    """Return the folder for what this user's machine keeps."""
    return Path(os.environ.get(environ.CONFIG_DIR) or Path.home() / places.CONFIG_FOLDER)


def from_config(
    path: str | os.PathLike[str] | None = None, file_name: str | None = None
) -> Connection:
    """Return the connection that a config file describes; the environment's variables win.

    Raises:
        UserErrorException: no file, or one that does not say enough.
    """
    file = _find(Path(path or Path.cwd()), file_name)
    told = _read(file)
    workspace = told.get("workspace") or told.get("workspace_name")
    if not workspace and told.get("Scope"):
        workspace = _of_scope(str(told["Scope"]))
    if not workspace:
        raise UserErrorException(f'{file} names no workspace. It needs the key "workspace".')
    return connection(os.environ.get(environ.WORKSPACE) or str(workspace), told, base=file.parent)


def default_experiment(path: str | os.PathLike[str] | None = None) -> str:
    """Return the experiment that the config file names, "" where there is none."""
    try:
        return str(_read(_find(Path(path or Path.cwd()), None)).get("experiment") or "")
    except UserErrorException:
        return ""


def connection(
    workspace: str | None = None, told: dict[str, Any] | None = None, *, base: Path | None = None
) -> Connection:
    """Return the connection of the environment, completed by a config and a credentials file.

    Raises:
        UserErrorException: nothing says where the studio is or who asks.
    """
    told = told or {}
    credentials = _credentials(told, base)
    url = os.environ.get(environ.URL) or told.get("url") or credentials.get("url")
    token = os.environ.get(environ.TOKEN) or _token_for(str(url), credentials)
    name = workspace or os.environ.get(environ.WORKSPACE) or credentials.get("workspace")
    if not url:
        raise UserErrorException(
            f"Where is the studio? Set {environ.URL}, for example to http://127.0.0.1:8000, "
            "or sign in once: studio login http://127.0.0.1:8000"
        )
    if not token:
        raise UserErrorException(
            f"The studio at {url} needs a token. Set {environ.TOKEN} to an API token "
            f'(it begins with "stu_"), or sign in there once: studio login {url}'
        )
    return Connection(str(url), str(token), str(name or "main"), told)


def _token_for(url: str, credentials: dict[str, Any]) -> str | None:
    """Return the token of a login; a config that came with a project gets none of another studio."""
    of = str(credentials.get("url") or url)
    is_chosen = bool(os.environ.get(environ.URL))
    return credentials.get("token") if is_chosen or of.rstrip("/") == url.rstrip("/") else None


def _find(start: Path, file_name: str | None) -> Path:
    if start.is_file():
        return start
    folder = start.resolve()
    for name in (file_name,) if file_name else _FILES:
        for place in (folder, *folder.parents):
            if (place / name).is_file():
                return place / name
    raise UserErrorException(
        f"There is no {file_name or _FILES[0]} in {start} or above it. "
        "manage.py demo writes one; Workspace.get(name) needs none."
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        told = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UserErrorException(f"{file} cannot be read: {error}") from None
    if not isinstance(told, dict):
        raise UserErrorException(f"{file} should hold a JSON object.")
    return told


def _credentials(told: dict[str, Any], base: Path | None) -> dict[str, Any]:
    """Return the credentials that the config points to, else those of this user's folder."""
    named = told.get("credentials")
    file = Path(base or ".", named) if named else config_dir() / places.CREDENTIALS_FILE
    return _read(file) if named or file.is_file() else {}


def _of_scope(scope: str) -> str:
    """Return the workspace's name in a resource path of Azure."""
    parts = scope.strip("/").split("/")
    names = dict(itertools.pairwise(parts))
    return names.get("workspaces", "")
