"""The top container, and who belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models

from studio.contract import limits, words

if TYPE_CHECKING:
    from runs.models.user import User

ROLES = [(role.value, role.value) for role in words.Role]


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    """Workspaces, read through the eyes of a person."""

    def visible_to(self, user: User) -> Self:
        """Return the workspaces that the user is a member of."""
        return self.filter(memberships__user=user)


class Workspace(models.Model):
    """Holds experiments, runs and compute targets; nothing is seen from outside it.

    Nothing changes in an archived one.

    ``change_number`` grows by one with every change to any run of the workspace; a page that
    knows an older number asks for what came after it. Runs are made in the order of their ids, but
    where a clock was set back: none is more than ``disorder`` seconds older than one of a lower id, and
    ``newest_at`` is when the newest of them was made. Both are kept by ``runs.actions.indexing``.
    ``last_experiment_number`` is the number of its newest experiment; the next one takes one more.
    """

    name = models.CharField(max_length=limits.WORKSPACE_NAME, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    last_experiment_number = models.PositiveIntegerField(default=0)
    change_number = models.BigIntegerField(default=0)
    newest_at = models.DateTimeField(null=True)
    disorder = models.FloatField(default=0)
    default_view = models.ForeignKey(
        "runs.CustomView", models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = WorkspaceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person's role in one workspace."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    user = models.ForeignKey("runs.User", models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=ROLES)
    default_view = models.ForeignKey(
        "runs.CustomView", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The rule that everybody begins with was made; whoever deletes it does not get it again.
    has_first_alert = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_role_per_member")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role} of {self.workspace_id}"


class Invitation(models.Model):
    """A link by which one person becomes a member. Only its hash is stored."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=16, choices=ROLES)
    email = models.EmailField(blank=True)
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey("runs.User", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey("runs.User", models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"invitation to {self.workspace_id} as {self.role}"
