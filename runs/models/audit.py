"""Who did what to whom and what: rows that are added and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from runs.models.workspace import Workspace


class AppendOnly(TypeError):  # noqa: N818 (it names the rule)
    """Somebody tried to change what is only ever added to."""


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    """Audit events: they are read and added, nothing else."""

    def inside(self, workspace: Workspace) -> AuditQuerySet:
        """Return what concerns that workspace."""
        return self.filter(workspace=workspace)

    def update(self, **fields: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("an audit event is never changed")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnly("an audit event is never deleted")


class AuditEvent(models.Model):
    """One thing that somebody did.

    ``verb`` is a noun and what was done to it, as ``member.add``; ``about`` names the object. An
    event outlives the people and workspaces it tells of, so it keeps their names.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor_kind = models.CharField(max_length=16)
    actor_name = models.CharField(max_length=255)
    user = models.ForeignKey("runs.User", models.SET_NULL, null=True, related_name="+")
    token_prefix = models.CharField(max_length=16, blank=True)
    address = models.CharField(max_length=45, blank=True)
    verb = models.CharField(max_length=64)
    workspace = models.ForeignKey("runs.Workspace", models.SET_NULL, null=True, related_name="+")
    about = models.CharField(max_length=300, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["workspace", "-id"], name="audit_of_workspace")]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.verb} {self.about}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it, once."""
        if not self._state.adding:
            raise AppendOnly("an audit event is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("an audit event is never deleted")
