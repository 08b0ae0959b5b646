"""Who belongs to a workspace, and who is invited to."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from ninja import Router

from runs import access, mails
from runs.access import Right
from runs.actions import invitations, members, second_steps
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Body
from runs.api.describing import answers
from runs.member_documents import invitation_document, member_document
from runs.models import Membership

router = Router()
MEMBERS = "/workspaces/{ws}/members"
ONE = MEMBERS + "/{username}"
INVITATIONS = "/workspaces/{ws}/invitations"


class RoleBody(Body):
    """The role that a member is to have: reader, contributor or owner."""

    role: str


class InvitationBody(Body):
    """The role that somebody is invited to, and where the link is mailed, if mails go out."""

    role: str
    email: str = ""


@router.get(MEMBERS, auth=Needs(Right.VIEW), openapi_extra=answers({"items": "Member[]"}))
def list_members(request: ApiRequest, ws: str) -> dict[str, Any]:
    """List the members by user name. Owners see who is asked for a second step; runs see nobody."""
    workspace, actor = request.auth.workspace(ws), request.auth.actor
    belong = members.of(workspace) if actor.scope() is None else []
    may_know = Right.MANAGE in access.rights_in(actor, workspace)
    secured = second_steps.who_has_one(each.user for each in belong)
    told = [
        member_document(each, second_step=each.user_id in secured if may_know else None)
        for each in belong
    ]
    return {"items": told}


@router.patch(ONE, auth=Needs(Right.MANAGE), openapi_extra=answers("Member"))
def change_role(request: ApiRequest, ws: str, username: str, body: RoleBody) -> dict[str, Any]:
    """Give a member another role. The last owner stays one."""
    member = members.find(request.auth.workspace(ws), username)
    members.change_role(member, members.role_named(body.role), by=request.auth.actor)
    return _told(member)


@router.delete(ONE, auth=Needs(Right.MANAGE), openapi_extra=answers("Member"))
def remove_member(request: ApiRequest, ws: str, username: str) -> dict[str, Any]:
    """End a membership; the person's runs and shared views stay. The last owner stays."""
    member = members.find(request.auth.workspace(ws), username)
    told = _told(member)
    members.remove(member, by=request.auth.actor)
    return told


@router.get(INVITATIONS, auth=Needs(Right.MANAGE), openapi_extra=answers({"items": "Invitation[]"}))
def list_invitations(request: ApiRequest, ws: str) -> dict[str, Any]:
    """List the invitations that can still be accepted, the newest first, without their links."""
    found = invitations.open_ones(request.auth.workspace(ws))
    return {"items": [invitation_document(each) for each in found]}


@router.post(INVITATIONS, auth=Needs(Right.MANAGE), openapi_extra=answers("Invitation", 201))
def invite(request: ApiRequest, ws: str, body: InvitationBody) -> HttpResponse:
    """Make an invitation. Its ``link`` works once, within 7 days, and is told in this answer only."""
    workspace, actor = request.auth.workspace(ws), request.auth.actor
    role = members.role_named(body.role)
    secret, made = invitations.invite(workspace, role, by=actor, email=body.email)
    link = mails.public_link("accept", secret)
    mailed = mails.send_invitation(body.email, link, by=actor.user, workspace=workspace, role=role)
    told = {**invitation_document(made), "link": link, "mailed": mailed}
    return JsonResponse(told, status=201)


@router.delete(
    INVITATIONS + "/{invitation}",
    auth=Needs(Right.MANAGE),
    openapi_extra=answers("Invitation"),
)
def take_back_invitation(request: ApiRequest, ws: str, invitation: str) -> dict[str, Any]:
    """End an invitation that nobody has accepted."""
    workspace = request.auth.workspace(ws)
    return invitation_document(invitations.take_back(workspace, invitation, by=request.auth.actor))


def _told(member: Membership) -> dict[str, Any]:
    has_one = second_steps.is_on(member.user)
    return member_document(member, second_step=has_one)
