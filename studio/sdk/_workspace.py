"""The workspace: where experiments live."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.contract import places
from studio.sdk import _config, _shown
from studio.sdk._exceptions import ServiceException, UserErrorException

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from studio.sdk._alert import Alert
    from studio.sdk._compute import ComputeTarget
    from studio.sdk._experiment import Experiment
    from studio.sdk._run import Run
    from studio.sdk._transport import Transport


class Workspace:
    """A workspace of a studio. ``from_config`` or ``get`` makes one."""

    def __init__(self, transport: Transport, told: Mapping[str, Any] | None = None) -> None:
        self._transport = transport
        self.name = transport.workspace
        # Scripts print these three; here they only say what a config file of Azure's has said.
        self.subscription_id = str((told or {}).get("subscription_id") or "")
        self.resource_group = str((told or {}).get("resource_group") or "")
        self.location = transport.url

    @classmethod
    def from_config(
        cls,
        path: str | os.PathLike[str] | None = None,
        auth: object = None,
        _logger: object = None,
        _file_name: str | None = None,
    ) -> Workspace:
        """Return the workspace that a config file names, looked for from ``path`` upwards.

        Raises:
            UserErrorException: no file, or one that does not say enough.
            ServiceException: the studio does not answer, or not to this token.
        """
        connection = _config.from_config(path, _file_name)
        return cls(connection.open(), connection.told)._checked()

    @classmethod
    def get(cls, name: str | None = None, **ignored: Any) -> Workspace:
        """Return a workspace by name, the studio and the token from the environment."""
        return cls(_config.connection(name).open())._checked()

    def write_config(
        self, path: str | os.PathLike[str] | None = None, file_name: str | None = None
    ) -> None:
        """Write the config file that ``from_config`` reads; it holds no secret."""
        folder = Path(path or ".") / places.CONFIG_FOLDER
        told = {"url": self._transport.url, "workspace": self.name}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / (file_name or places.CONFIG_FILE)).write_text(
                json.dumps(told, indent=1) + "\n"
            )
        except OSError as error:
            raise UserErrorException(f"The config cannot be written: {error}") from None

    @property
    def compute_targets(self) -> dict[str, ComputeTarget]:
        """The compute targets by name."""
        from studio.sdk._compute import ComputeTarget

        items = self._transport.api("GET", "compute").json()["items"]
        return {item["name"]: ComputeTarget._known(self, item) for item in items}

    @property
    def experiments(self) -> dict[str, Experiment]:
        """The active experiments by name."""
        from studio.sdk._experiment import Experiment

        found = self._transport.pages("experiments", query={"limit": 500})
        return {item["name"]: Experiment._known(self, item) for item in found}

    @property
    def alerts(self) -> list[Alert]:
        """Your alerts and those of the workspace, by name; a name may be there twice."""
        from studio.sdk import _alert

        return _alert.known(self)

    def create_alert(
        self,
        name: str,
        statuses: str | Sequence[str] | None = None,
        longer_than: float | None = None,
        metric: str | None = None,
        operator: str | None = None,
        value: float | None = None,
        filter: str | None = None,
        include_children: bool = False,
        channel: str = "email",
        target: str | None = None,
        digest_minutes: int = 0,
        for_all: bool = False,
    ) -> Alert:
        """Make an alert for runs that get one of ``statuses``, take ``longer_than`` seconds, or cross.

        They cross where ``metric`` is ``operator`` (``>``, ``>=``, ``<``, ``<=``) ``value``.
        ``channel`` is email, webhook or slack, and ``target`` its address; mails of your own alerts go
        to your own. ``for_all`` makes it one of the workspace, which is for owners.

        Raises:
            UserErrorException: several things to wait for.
            ServiceException: the studio refuses; ``field`` says what.
        """
        fields = {key: given for key, given in locals().items() if key != "self"}
        from studio.sdk import _alert

        return _alert.create(self, fields)

    def list_runs(
        self,
        view: str | None = None,
        filter: str | None = None,
        sort: str | Sequence[str] | None = None,
        include_children: bool = False,
    ) -> Iterator[Run]:
        """Yield the runs of all experiments, newest first.

        ``view`` is the name or slug of a custom view: its runs come, in its own order. ``filter`` is
        a query as in the search box, and narrows a view. ``sort`` names up to two columns of the page
        by their ids, each with a ``-`` before it for descending: ``"-metric:accuracy,created"``.

        Raises:
            UserErrorException: there is no such view, or several of that name.
            ServiceException: a query or a column that cannot be meant; ``field`` says which.
        """
        from studio.sdk import _children

        return _children.listed(
            self, view=view, filter=filter, sort=sort, includeChildren=include_children
        )

    def compare_runs(
        self,
        runs: Sequence[Run | str],
        base: Run | str | None = None,
        only_differences: bool = False,
    ) -> dict[str, Any]:
        """Return up to 100 runs side by side: ``sections`` of ``rows`` with a value of each run.

        Numbers are told against ``base``, the first run when left out.

        Raises:
            UserErrorException: a run that is not here, none, or too many.
        """
        from studio.sdk import _compare

        return _compare.compare(self, runs, base=base, only_differences=only_differences)

    def list_members(self) -> list[dict[str, Any]]:
        """Return who belongs here: ``user`` with a ``userName``, ``role``, ``active``, ``createdUtc``.

        ``secondStep`` says for owners who is asked for one, and is None for others.
        """
        from studio.sdk import _members

        return _members.known(self)

    def change_role(self, user: str, role: str) -> dict[str, Any]:
        """Give a member another role, by user name: reader, contributor or owner. For owners.

        Raises:
            ServiceException: no such member or role; they are the last owner; you own nothing here.
        """
        from studio.sdk import _members

        return _members.change_role(self, user, role)

    def remove_member(self, user: str) -> dict[str, Any]:
        """End a membership; the runs and shared views of that person stay. For owners.

        Raises:
            ServiceException: no such member; they are the last owner; you own nothing here.
        """
        from studio.sdk import _members

        return _members.remove(self, user)

    def invite(self, role: str = "contributor", email: str = "") -> dict[str, Any]:
        """Return a new invitation with its ``link``, told this once; mailed if mails go out. For owners.

        Raises:
            ServiceException: no such role, no such address; you own nothing here.
        """
        from studio.sdk import _members

        return _members.invite(self, role, email)

    def list_invitations(self) -> list[dict[str, Any]]:
        """Return the invitations that can still be accepted, the newest first. For owners."""
        from studio.sdk import _members

        return _members.invitations(self)

    def take_back_invitation(self, id: str) -> dict[str, Any]:
        """End an invitation that nobody has accepted, by its id. For owners.

        Raises:
            ServiceException: there is none of that id; you own nothing here.
        """
        from studio.sdk import _members

        return _members.take_back(self, id)

    def get_portal_url(self) -> str:
        """Return the address of the page All runs."""
        return f"{self._transport.url}/w/{self.name}/runs/"

    def _checked(self) -> Workspace:
        try:
            self._transport.api("GET")
        except ServiceException as error:
            if error.status == 404:
                raise UserErrorException(
                    f'There is no workspace "{self.name}" at {self._transport.url} for this token.'
                ) from None
            raise
        return self

    def _repr_html_(self) -> str:
        return _shown.table(
            {"Name": self.name, "Studio": _shown.link(self.get_portal_url(), self._transport.url)}
        )

    def __repr__(self) -> str:
        return f"Workspace(name={self.name!r}, url={self._transport.url!r})"
