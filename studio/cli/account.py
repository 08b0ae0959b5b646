"""``studio login`` and ``studio token``."""

from __future__ import annotations

import getpass
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from studio.cli.connecting import connection_of
from studio.cli.ending import NOT_FOUND, CommandError
from studio.cli.printing import show
from studio.contract import places
from studio.sdk import ServiceException, _config
from studio.sdk._transport import Transport

if TYPE_CHECKING:
    import argparse


def login(asked: argparse.Namespace) -> None:
    """Check a token and keep it, readable by this user only.

    Raises:
        CommandError: the address is none of a studio, or the workspace is not for this token.
    """
    transport = Transport(asked.url, "", asked.workspace_name or "main")
    transport.token = (asked.token or _token_given()).strip()
    names = _workspaces(transport)
    name = asked.workspace_name or (names[0] if names else "main")
    if names and name not in names:
        raise CommandError(
            f'There is no workspace "{name}" for this token. It opens: {", ".join(names)}.',
            NOT_FOUND,
        )
    _keep({"url": transport.url, "workspace": name, "token": transport.token})
    told = {"url": transport.url, "workspaceName": name, "workspaces": names}
    others = f" Workspaces: {', '.join(names)}." if len(names) > 1 else ""
    show(asked, told, f"Signed in to {transport.url}, workspace {name}.{others}")


def token(asked: argparse.Namespace) -> None:
    """Print the token in use, for other clients."""
    found = connection_of(asked).token
    show(asked, {"token": found}, found)


def _token_given() -> str:
    # A token that comes through a pipe is in no list of processes and in no shell's history.
    given = getpass.getpass("API token (stu_…): ") if sys.stdin.isatty() else sys.stdin.readline()
    if not given.strip():
        raise CommandError(
            "A token is needed: on the studio's machine, manage.py token prints one."
        )
    return given


def _workspaces(transport: Transport) -> list[str]:
    try:
        told: Any = transport.request("GET", f"{places.API}/workspaces").json()
        return [str(item["name"]) for item in told["items"]]
    except (ValueError, KeyError, TypeError):
        raise CommandError(f"What answers at {transport.url} is no studio.") from None
    except ServiceException as error:
        if error.status == 404:
            raise CommandError(f"What answers at {transport.url} is no studio.") from None
        raise


def _keep(told: dict[str, str]) -> None:
    """Replace the credentials in one step."""
    folder = _config.config_dir()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f"{places.CREDENTIALS_FILE}.new"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(told, file)
    draft.replace(folder / places.CREDENTIALS_FILE)
