"""Which runs are asked for, and in which order: in an address or a body, as in the list of runs."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, create_model
from pydantic.alias_generators import to_camel

from runs import access
from runs.actions.view_state import ViewState, read_state
from runs.api.auth import ApiRequest
from runs.api.bodies import Body
from runs.api.paging import Flag
from runs.queries import language, order
from runs.queries.runs import RunQuery, matching
from runs.queries.views import held, keys_of, narrowed

if TYPE_CHECKING:
    from runs.models import CustomView, Workspace
    from runs.models.run import RunQuerySet
    from runs.queries.order import Key
    from runs.queries.tree import Node


@dataclass(frozen=True, slots=True)
class Meant:
    """The runs that are asked for, of which workspace, in which order.

    ``tree`` is the query, that of the view in it; ``state`` is that of the view.
    """

    runs: RunQuerySet
    workspace: Workspace
    keys: tuple[Key, ...]
    tree: Node
    state: ViewState


class _Address(BaseModel):
    """Which runs an address asks for; ``view`` is the slug of a custom view to begin with."""

    model_config = ConfigDict(alias_generator=to_camel)

    view: str = ""
    sort: str = ""

    def meant(self, request: ApiRequest, ws: str) -> Meant:
        """Return the runs that the caller asks for.

        Raises:
            Refused: something that cannot be meant; a view that the caller does not see.
        """
        workspace = request.auth.workspace(ws)
        names = divided(self.sort)
        asked = RunQuery(**self.model_dump(include={each.name for each in fields(RunQuery)}))
        view = request.auth.view(ws, self.view) if self.view else None
        found = _meant(request, workspace, asked, view)
        return replace(found, keys=order.keys(names)) if names else found


class _QueryBody(Body):
    """Which runs are meant, as the list of runs takes it."""

    def told(self) -> RunQuery:
        """Return it as queries take it."""
        return RunQuery(**self.model_dump())


def _with_query(base: type[BaseModel], name: str, flag: Any) -> Any:
    """Return a model that has the fields of a run query besides its own, so that they stand once."""
    kinds = {str: str, bool: flag}
    of_query: dict[str, Any] = {
        each.name: (kinds[type(each.default)], each.default) for each in fields(RunQuery)
    }
    return create_model(name, __base__=base, __doc__=base.__doc__, **of_query)


if TYPE_CHECKING:
    Asked = _Address
    QueryBody = _QueryBody
else:
    Asked = _with_query(_Address, "Asked", Flag)
    QueryBody = _with_query(_QueryBody, "QueryBody", bool)


def of_view(request: ApiRequest, view: CustomView) -> Meant:
    """Return the runs that a custom view shows, in its own order."""
    return _meant(request, view.workspace, RunQuery(), view)


def divided(text: str) -> list[str]:
    """Return the names in a text with commas between them; %2C is a comma in a name."""
    return [unquote(name) for name in text.split(",") if name]


def _meant(
    request: ApiRequest, workspace: Workspace, asked: RunQuery, view: CustomView | None
) -> Meant:
    actor = request.auth.actor
    state = read_state(view.state)[0] if view is not None else ViewState()
    # A run's own token sees that run and those below it.
    reached = access.runs_of(actor, workspace)
    query = narrowed(state, asked, include_children=actor.run is not None)
    runs = matching(
        held(reached, state),
        query,
        workspace=workspace,
        by=actor,
        everywhere=state.compare is not None,
    )
    tree = language.parse(query.filter)
    return Meant(runs, workspace, keys_of(state), tree, state)
