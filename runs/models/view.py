"""Custom views: what a list shows and how, kept under a name and shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

from runs.models.scoped import ScopedQuerySet
from studio.contract import limits, words

if TYPE_CHECKING:
    from runs.models.user import User

SHARING = [(way.value, way.value) for way in words.Sharing]


class CustomViewQuerySet(ScopedQuerySet["CustomView"]):
    """Views, and which of them a person may see."""

    def present(self) -> Self:
        """Return those that are not deleted."""
        return self.filter(deleted_at=None)

    def shown_to(self, user: User) -> Self:
        """Return the person's own views and those that are shared with them."""
        invited = ViewMember.objects.filter(user=user).values("view")
        shared = ~Q(sharing=words.Sharing.PRIVATE.value)
        return self.filter(Q(owner=user) | shared | Q(pk__in=invited))


class CustomView(models.Model):
    """A named state of the list All runs: query, columns, sort, charts.

    ``slug`` is its address for ever, also after it was renamed. ``version`` counts the saves; each
    is kept as a ``ViewVersion``.
    """

    workspace = models.ForeignKey("runs.Workspace", models.CASCADE, related_name="views")
    slug = models.CharField(max_length=80)
    name = models.CharField(max_length=limits.VIEW_NAME)
    owner = models.ForeignKey("runs.User", models.CASCADE, related_name="views")
    sharing = models.CharField(max_length=8, choices=SHARING, default=words.Sharing.PRIVATE.value)
    state = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)
    updated_by = models.ForeignKey("runs.User", models.PROTECT, related_name="+")
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = CustomViewQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="one_view_per_slug")
        ]

    def __str__(self) -> str:
        return self.name


class ViewVersion(models.Model):
    """One save of a view."""

    view = models.ForeignKey(CustomView, models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=limits.VIEW_NAME)
    state = models.JSONField(default=dict)
    saved_by = models.ForeignKey("runs.User", models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["view", "version"], name="one_save_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class ViewMember(models.Model):
    """Somebody that a view is shared with by name."""

    view = models.ForeignKey(CustomView, models.CASCADE, related_name="members")
    user = models.ForeignKey("runs.User", models.CASCADE, related_name="+")
    can_edit = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["view", "user"], name="one_share_per_member")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} sees {self.view_id}"


class ViewStar(models.Model):
    """A view that somebody wants at hand."""

    view = models.ForeignKey(CustomView, models.CASCADE, related_name="stars")
    user = models.ForeignKey("runs.User", models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["view", "user"], name="one_star_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} stars {self.view_id}"
