"""The one gate for reading: a queryset of things that belong to a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from runs.models.user import User
    from runs.models.workspace import Workspace

M = TypeVar("M", bound=models.Model, covariant=True)


class ScopedQuerySet(models.QuerySet[M]):
    """Rows with a ``workspace``, read through the eyes of a person or inside one workspace."""

    def visible_to(self, user: User) -> Self:
        """Return the rows of the workspaces that the user is a member of."""
        return self.filter(workspace__memberships__user=user)

    def inside(self, workspace: Workspace) -> Self:
        """Return the rows of that workspace."""
        return self.filter(workspace=workspace)
