"""The table of rights: what there is to be allowed, and which role or narrow token allows what."""

from __future__ import annotations

from enum import StrEnum

from studio.contract.words import Role, Scope


class Right(StrEnum):
    """What a route or a page needs."""

    VIEW = "run.view"
    EDIT = "run.edit"
    START = "run.start"
    BULK = "run.bulk"
    DELETE = "run.delete"
    ARRANGE = "experiment.edit"
    KEEP_VIEWS = "view.keep"
    KEEP_ALERTS = "alert.keep"
    CANCEL = "run.cancel"
    LOG = "run.log"
    OPERATE = "run.operate"
    LEASE = "compute.lease"
    MANAGE = "workspace.manage"


_CONTRIBUTE = frozenset(
    {
        Right.VIEW,
        Right.KEEP_VIEWS,
        Right.KEEP_ALERTS,
        Right.EDIT,
        Right.START,
        Right.BULK,
        Right.ARRANGE,
        Right.CANCEL,
        Right.LOG,
        Right.OPERATE,
        Right.LEASE,
    }
)
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.READER: frozenset({Right.VIEW, Right.KEEP_VIEWS, Right.KEEP_ALERTS}),
    Role.CONTRIBUTOR: _CONTRIBUTE,
    Role.OWNER: frozenset(Right),
}
# A run's token reaches that run and what it starts; an agent's token reaches its target's runs.
RUNNER_RIGHTS = frozenset(
    {Right.VIEW, Right.EDIT, Right.START, Right.CANCEL, Right.LOG, Right.OPERATE}
)
AGENT_RIGHTS = frozenset({Right.VIEW, Right.LOG, Right.OPERATE, Right.CANCEL, Right.LEASE})
# A person's token does what its scopes say, as far as that person may.
SCOPE_RIGHTS: dict[Scope, frozenset[Right]] = {
    Scope.READ: frozenset({Right.VIEW}),
    Scope.WRITE: frozenset(Right) - {Right.LEASE},
    Scope.AGENT: AGENT_RIGHTS,
}
# What is left of everybody's rights where nothing changes any more.
ARCHIVED_RIGHTS = frozenset({Right.VIEW, Right.KEEP_VIEWS, Right.MANAGE})


def may_delete(rights: frozenset[Right], *, is_own: bool) -> bool:
    """Whether these rights put a run into the bin and take it out: any, or what one has submitted."""
    return Right.DELETE in rights or (is_own and Right.BULK in rights)
