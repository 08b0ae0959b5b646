"""The newest runs of a custom view as an Atom feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.feedgenerator import Atom1Feed

from studio.contract import places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from runs.models import CustomView, Run


def of_runs(view: CustomView, runs: Sequence[Run], request: HttpRequest) -> HttpResponse:
    """Return the feed; an entry is new again when its run has changed its status."""
    workspace = view.workspace
    link = request.build_absolute_uri(f"/w/{workspace.name}/views/{view.slug}/")
    feed = Atom1Feed(
        title=_text(view.name),
        link=link,
        description=f"Runs of the view {_text(view.name)} in {workspace.name}",
        feed_url=request.build_absolute_uri(),
    )
    for run in runs:
        place = request.build_absolute_uri(places.run_page(workspace.name, run.run_id))
        feed.add_item(
            title=_text(f"{run.display_name}: {run.status}"),
            link=place,
            description=_text(f"{run.experiment.name}, by {run.created_by}"),
            unique_id=f"{place}#{run.status}",
            pubdate=run.created_at,
            updateddate=run.ended_at or run.started_at or run.created_at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _text(text: str) -> str:
    """Return a text without the control characters that XML does not know."""
    return "".join(letter if letter >= " " else " " for letter in text)
