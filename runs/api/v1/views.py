"""Custom views: kept, shared, and as an endpoint of their own."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from ninja import Router

from runs import access
from runs.access import Right
from runs.actions import views
from runs.actions.refused import Refused
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Body, Nothing
from runs.api.describing import answers
from runs.api.paging import Limit
from runs.api.v1.asking import divided, of_view
from runs.api.v1.listing import page
from runs.documents import version_document, view_document
from runs.models import CustomView
from runs.queries.views import seen
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import Sharing

router = Router()
VIEWS = "/workspaces/{ws}/views"
ONE = VIEWS + "/{slug}"


class NewViewBody(Body):
    """A view that does not exist yet."""

    name: str
    state: dict[str, Any] = {}


class SaveBody(Body):
    """What is saved over ``version``; what is left out stays."""

    version: int
    name: str | None = None
    state: dict[str, Any] | None = None


class SharingBody(Body):
    """Who sees the view; ``members`` are user names, and whether each may edit."""

    sharing: str | None = None
    members: dict[str, bool] | None = None


class VersionBody(Body):
    """One of the versions."""

    version: int


class OnBody(Body):
    """Whether or not."""

    on: bool


class DefaultBody(Body):
    """Whether it is the default, and whether for the whole workspace."""

    on: bool
    workspace: bool = False


@router.get(VIEWS, auth=Needs(Right.VIEW), openapi_extra=answers({"items": "View[]"}))
def list_views(request: ApiRequest, ws: str) -> dict[str, Any]:
    """List the caller's views and those that are shared with them, by name."""
    workspace = request.auth.workspace(ws)
    actor = request.auth.actor
    shown = access.views_of(actor, workspace).present().order_by("name", "pk")
    return {"items": [view_document(each) for each in seen(shown, by=actor, workspace=workspace)]}


@router.post(VIEWS, auth=Needs(Right.KEEP_VIEWS), openapi_extra=answers("View", 201))
def create_view(request: ApiRequest, ws: str, body: NewViewBody) -> HttpResponse:
    """Keep a view; nobody else sees it before it is shared."""
    workspace = request.auth.workspace(ws)
    view = views.create(workspace, by=request.auth.actor, name=body.name, state=body.state)
    return JsonResponse(_told(request, view), status=201)


@router.get(ONE, auth=Needs(Right.VIEW), openapi_extra=answers("View"))
def get_view(request: ApiRequest, ws: str, slug: str) -> dict[str, Any]:
    """Return one view."""
    return _told(request, request.auth.view(ws, slug))


@router.patch(ONE, auth=Needs(Right.KEEP_VIEWS), openapi_extra=answers("View"))
def save_view(request: ApiRequest, ws: str, slug: str, body: SaveBody) -> dict[str, Any]:
    """Save a name or a state over a version; 409 with the present one if that is not the newest."""
    view = request.auth.view(ws, slug)
    by = request.auth.actor
    saved = views.save(view, by=by, version=body.version, name=body.name, state=body.state)
    saved.workspace = view.workspace
    return _told(request, saved)


@router.delete(ONE, auth=Needs(Right.KEEP_VIEWS), openapi_extra=answers("View"))
def delete_view(request: ApiRequest, ws: str, slug: str) -> dict[str, Any]:
    """Delete a view; it can be brought back."""
    view = request.auth.view(ws, slug)
    views.delete(view, by=request.auth.actor)
    return _told(request, view)


@router.post(ONE + "/undelete", auth=Needs(Right.KEEP_VIEWS), openapi_extra=answers("View"))
def undelete_view(request: ApiRequest, ws: str, slug: str, body: Nothing) -> dict[str, Any]:
    """Bring a deleted view back."""
    view = request.auth.view(ws, slug)
    views.undelete(view, by=request.auth.actor)
    return _told(request, view)


@router.put(ONE + "/sharing", auth=Needs(Right.KEEP_VIEWS), openapi_extra=answers("View"))
def share_view(request: ApiRequest, ws: str, slug: str, body: SharingBody) -> dict[str, Any]:
    """Say who sees and who edits the view."""
    view = request.auth.view(ws, slug)
    way = _sharing(body.sharing) if body.sharing is not None else None
    views.share(view, by=request.auth.actor, sharing=way, members=body.members)
    return _told(request, view)


@router.get(
    ONE + "/versions", auth=Needs(Right.VIEW), openapi_extra=answers({"items": "ViewVersion[]"})
)
def list_versions(request: ApiRequest, ws: str, slug: str) -> dict[str, Any]:
    """List the newest hundred saves of a view, newest first."""
    view = request.auth.view(ws, slug)
    found = view.versions.select_related("saved_by").order_by("-version")[:100]
    return {"items": [version_document(each) for each in found]}


@router.post(ONE + "/bring-back", auth=Needs(Right.KEEP_VIEWS), openapi_extra=answers("View"))
def bring_back(request: ApiRequest, ws: str, slug: str, body: VersionBody) -> dict[str, Any]:
    """Save an older version as the newest one."""
    view = request.auth.view(ws, slug)
    saved = views.bring_back(view, by=request.auth.actor, version=body.version)
    saved.workspace = view.workspace
    return _told(request, saved)


@router.put(ONE + "/star", auth=Needs(Right.KEEP_VIEWS), openapi_extra=answers("View"))
def star_view(request: ApiRequest, ws: str, slug: str, body: OnBody) -> dict[str, Any]:
    """Have the view at hand, or no more."""
    view = request.auth.view(ws, slug)
    views.star(view, by=request.auth.actor, on=body.on)
    return _told(request, view)


@router.put(ONE + "/default", auth=Needs(Right.KEEP_VIEWS), openapi_extra=answers("View"))
def set_default(request: ApiRequest, ws: str, slug: str, body: DefaultBody) -> dict[str, Any]:
    """Begin the list with this view, for oneself or for the whole workspace."""
    view = request.auth.view(ws, slug)
    choose = views.set_workspace_default if body.workspace else views.set_default
    choose(view.workspace, view if body.on else None, by=request.auth.actor)
    view.workspace.refresh_from_db(fields=["default_view"])
    return _told(request, view)


@router.get(
    ONE + "/runs",
    auth=Needs(Right.VIEW),
    openapi_extra=answers({"items": "Run[]", "nextCursor": "string?"}),
)
def list_runs_of_view(
    request: ApiRequest,
    ws: str,
    slug: str,
    fields: str = "",
    limit: Limit = limits.PAGE,
    cursor: str = "",
) -> dict[str, Any]:
    """List the runs that a view shows, in its own order; ``fields`` as in the list of runs."""
    meant = of_view(request, request.auth.view(ws, slug))
    return page(meant, divided(fields), limit, cursor)


def _told(request: ApiRequest, view: CustomView) -> dict[str, Any]:
    (told,) = seen([view], by=request.auth.actor, workspace=view.workspace)
    return view_document(told)


def _sharing(text: str) -> Sharing:
    try:
        return Sharing(text)
    except ValueError:
        known = ", ".join(way.value for way in Sharing)
        raise Refused(Code.BAD_REQUEST, f"Sharing is one of {known}.", field="sharing") from None
