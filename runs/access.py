"""Who acts, what they may do, and the only ways to find a thing: by name, through their eyes.

Everything is denied unless a role or a token's scope grants it. What is not theirs and what is not
there are answered with the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs.actions.refused import Refused
from runs.lineage import below, is_or_is_below
from runs.models import (
    ComputeTarget,
    CustomView,
    Experiment,
    Membership,
    Run,
    Workspace,
)
from runs.rights import AGENT_RIGHTS, ARCHIVED_RIGHTS, RIGHTS, RUNNER_RIGHTS, SCOPE_RIGHTS
from runs.rights import Right as Right  # whoever asks for access says for what
from studio.contract.errors import Code
from studio.contract.words import Role, Scope, Sharing

if TYPE_CHECKING:
    from runs.models import ApiToken, User
    from runs.models.experiment import ExperimentQuerySet
    from runs.models.run import RunQuerySet
    from runs.models.view import CustomViewQuerySet


# A child run logs to its parent and to the root; it does not lead them.
_UPWARDS = frozenset({Right.VIEW, Right.LOG})
# Every number of so few digits fits into a column of ids.
ID_DIGITS = 19


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts: kind is user, runner, agent or system.

    ``user`` answers for it, if anybody does; ``run`` and ``target`` narrow what it can reach.
    ``token`` is what it came with, unless it signed in, and ``address`` where it came from.
    """

    kind: str
    name: str
    user: User | None = None
    run: Run | None = None
    target: ComputeTarget | None = None
    token: ApiToken | None = None
    address: str = ""

    @classmethod
    def of_user(cls, user: User, address: str = "") -> Actor:
        """Return the actor that a signed-in person is."""
        return cls("user", user.username, user, address=address)

    @classmethod
    def of_token(cls, token: ApiToken, address: str = "") -> Actor:
        """Return the actor that a bearer of this token is."""
        kind, name = "user", token.user.username
        if token.run is not None:
            kind, name = "runner", token.run.run_id
        elif token.target is not None:
            kind, name = "agent", token.target.name
        return cls(kind, name, token.user, token.run, token.target, token, address)

    @classmethod
    def system(cls, name: str) -> Actor:
        """Return the studio itself; nothing is hidden from it."""
        return cls("system", name)

    def has_submitted(self, run: Run) -> bool:
        """Whether it was they who submitted a run, or something that they answer for."""
        return self.user is not None and run.created_by_id == self.user.pk

    def scope(self) -> Workspace | None:
        """Return the one workspace that a narrowed token can reach, None for a person's own."""
        if self.run is not None:
            return self.run.workspace
        return self.target.workspace if self.target is not None else None


def rights_in(actor: Actor, workspace: Workspace) -> frozenset[Right]:
    """Return what the actor may do in that workspace; empty for a stranger."""
    if actor.user is None:
        return frozenset()
    scope = actor.scope()
    if scope is not None and scope.pk != workspace.pk:
        return frozenset()
    membership = Membership.objects.filter(workspace=workspace, user=actor.user).first()
    if membership is None:
        return frozenset()
    membership.workspace = workspace
    return rights_of(actor, membership)


def rights_of(actor: Actor, membership: Membership) -> frozenset[Right]:
    """Return what the actor may do with this membership of theirs."""
    granted = RIGHTS[Role(membership.role)] & _scope_rights(actor)
    return granted & ARCHIVED_RIGHTS if membership.workspace.archived_at else granted


def workspace_for(actor: Actor, name: str, needs: Right) -> Workspace:
    """Return the workspace of that name; refuses as ``membership_for`` does."""
    return membership_for(actor, name, needs).workspace


def membership_for(actor: Actor, name: str, needs: Right) -> Membership:
    """Return the actor's membership of the workspace of that name, with the workspace.

    Raises:
        Refused: not found for a stranger, forbidden for a role that is too weak.
    """
    # Nobody's own token finds no membership: each has its user.
    mine = Membership.objects.filter(workspace__name=name, user=actor.user)
    membership = mine.select_related("workspace").first()
    scope = actor.scope()
    if membership is None or (scope is not None and scope.pk != membership.workspace_id):
        raise not_found("workspace", name)
    if needs not in rights_of(actor, membership):
        raise _forbidden(actor, membership, needs)
    return membership


def runs_of(actor: Actor, workspace: Workspace) -> RunQuerySet:
    """Return the runs of a workspace that this actor can reach, none that lie in the bin."""
    runs = Run.objects.inside(workspace).present()
    if actor.run is not None:
        return runs.filter(pk__in=[actor.run.pk, *below(actor.run)])
    if actor.target is not None:
        return runs.filter(compute_target=actor.target)
    return runs


def experiments_of(actor: Actor, workspace: Workspace) -> ExperimentQuerySet:
    """Return the experiments of a workspace that this actor can reach: those of its runs."""
    experiments = Experiment.objects.inside(workspace)
    if actor.scope() is None:
        return experiments
    return experiments.filter(pk__in=runs_of(actor, workspace).values("experiment"))


def run_for(
    actor: Actor, workspace: str, run_id: str, needs: Right, *, is_shown: bool = True
) -> Run:
    """Return the run of that id; with its names fetched, if it ``is_shown``.

    Raises:
        Refused: not found for a stranger or an unknown id, forbidden for a role that is too weak.
    """
    try:
        place = workspace_for(actor, workspace, needs)
    except Refused as refused:
        raise (not_found("run", run_id) if refused.code is Code.NOT_FOUND else refused) from None
    return run_in(place, actor, run_id, needs, among=Run.objects.present(), is_shown=is_shown)


def run_in(
    place: Workspace,
    actor: Actor,
    run_id: str,
    needs: Right,
    *,
    among: RunQuerySet,
    is_shown: bool = True,
) -> Run:
    """Return the run of that id ``among`` some, in a workspace where the actor has that right.

    Raises:
        Refused: not found, for an unknown id and for what a narrow token does not reach.
    """
    runs = among.inside(place).filter(run_id=run_id)
    run = (runs.with_names() if is_shown else runs).first()
    if run is None or not _reaches(actor, run, needs):
        raise not_found("run", run_id)
    run.workspace = place
    return run


def target_for(actor: Actor, workspace: str, name: str, needs: Right) -> ComputeTarget:
    """Return the compute target of that name; refuses as ``run_for`` does."""
    place = workspace_for(actor, workspace, needs)
    target = (
        ComputeTarget.objects.inside(place).select_related("workspace").filter(name=name).first()
    )
    if target is None or (actor.target is not None and actor.target.pk != target.pk):
        raise not_found("compute target", name)
    return target


def experiment_for(actor: Actor, workspace: str, name: str, needs: Right) -> Experiment:
    """Return the active experiment of that name; refuses as ``run_for`` does."""
    place = workspace_for(actor, workspace, needs)
    experiment = experiments_of(actor, place).active().filter(name=name).first()
    if experiment is None:
        raise not_found("experiment", name)
    return experiment


def experiment_by_id(actor: Actor, workspace: str, number: str, needs: Right) -> Experiment:
    """Return the experiment of that id, archived or not; refuses as ``run_for`` does."""
    place = workspace_for(actor, workspace, needs)
    known = number.isascii() and number.isdigit() and len(number) < ID_DIGITS
    experiment = experiments_of(actor, place).filter(pk=int(number)).first() if known else None
    if experiment is None:
        raise not_found("experiment", number)
    experiment.workspace = place
    return experiment


def views_of(actor: Actor, workspace: Workspace) -> CustomViewQuerySet:
    """Return the views of a workspace that this actor may see; narrow tokens see none."""
    views = CustomView.objects.inside(workspace).select_related("owner", "updated_by")
    if actor.user is None or actor.scope() is not None:
        return views.none()
    return views.shown_to(actor.user)


def may_edit(view: CustomView, actor: Actor, rights: frozenset[Right], *, invited: bool) -> bool:
    """Whether the actor may change a view's name and state; ``invited``: it names them as editor."""
    if actor.user is not None and view.owner_id == actor.user.pk:
        return True
    return Right.EDIT in rights and (view.sharing == Sharing.EDIT or invited)


def may_arrange(view: CustomView, actor: Actor, rights: frozenset[Right]) -> bool:
    """Whether the actor may share and delete a view: their own; an owner, shared ones too."""
    if actor.user is not None and view.owner_id == actor.user.pk:
        return True
    return Right.MANAGE in rights and view.sharing != Sharing.PRIVATE


def view_for(actor: Actor, workspace: str, slug: str, needs: Right) -> CustomView:
    """Return the view of that slug, a deleted one to whom may arrange it; refuses as ``run_for``."""
    place = workspace_for(actor, workspace, needs)
    view = views_of(actor, place).filter(slug=slug).first()
    is_gone = view is None or view.deleted_at is not None
    if view is None or (is_gone and not may_arrange(view, actor, rights_in(actor, place))):
        raise not_found("view", slug)
    view.workspace = place
    return view


def not_found(noun: str, name: str) -> Refused:
    """Return the one answer for what is not there and for what is not theirs."""
    return Refused(Code.NOT_FOUND, f'There is no {noun} "{name[:256]}" here.')


def _scope_rights(actor: Actor) -> frozenset[Right]:
    if actor.run is not None:
        return RUNNER_RIGHTS
    if actor.target is not None:
        return AGENT_RIGHTS
    if actor.token is None:
        return frozenset(Right)
    scopes = actor.token.scopes.split()
    return frozenset().union(*(SCOPE_RIGHTS[Scope(scope)] for scope in scopes))


def _reaches(actor: Actor, run: Run, needs: Right) -> bool:
    if actor.run is not None:
        return is_or_is_below(run, actor.run) or (
            needs in _UPWARDS and is_or_is_below(actor.run, run)
        )
    return actor.target is None or run.compute_target_id == actor.target.pk


def _forbidden(actor: Actor, membership: Membership, needs: Right) -> Refused:
    what = f"Your role here is {membership.role}"
    hint = "An owner of the workspace can give you another role."
    if needs in RIGHTS[Role(membership.role)] & _scope_rights(actor):
        what, hint = "This workspace is archived", "An owner can bring it back, in its settings."
    elif actor.kind != "user":
        what = f"This {actor.kind}'s token is narrow"
    elif actor.token is not None and needs in RIGHTS[Role(membership.role)]:
        what = f"This token is for: {', '.join(actor.token.scopes.split())}"
        hint = "Make one with more scopes on the page of your account, API tokens."
    return Refused(Code.FORBIDDEN, f"{what}; this needs the right {needs.value}.", hint=hint)
