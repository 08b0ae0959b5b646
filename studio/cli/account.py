"""``studio login`` and ``studio token``."""

from __future__ import annotations

import getpass
import json
import os
from typing import TYPE_CHECKING

from studio.contract import places
from studio.sdk import UserErrorException, _config
from studio.sdk._transport import Transport

if TYPE_CHECKING:
    import argparse


def login(asked: argparse.Namespace) -> None:
    """Check a token and keep it, readable by this user only."""
    token = asked.token or getpass.getpass("API token (stu_…): ").strip()
    transport = Transport(asked.url, token, asked.workspace_name or "main")
    items = transport.request("GET", f"{places.API}/workspaces").json()["items"]
    names = [item["name"] for item in items]
    name = asked.workspace_name or (names[0] if names else "main")
    folder = _config.config_dir()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f"{places.CREDENTIALS_FILE}.new"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"url": transport.url, "workspace": name, "token": token}, file)
    draft.replace(folder / places.CREDENTIALS_FILE)
    print(f"Signed in to {transport.url}, workspace {name}. Workspaces: {', '.join(names)}.")


def token(asked: argparse.Namespace) -> None:
    """Print the token in use, for other clients."""
    try:
        print(_config.from_config(asked.path).token)
    except UserErrorException:
        print(_config.connection().token)
