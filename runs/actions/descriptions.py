"""Descriptions as they are shown: drawn when they are saved, never when they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runs import markdown
from runs.models import Description, Run
from studio.contract import places

if TYPE_CHECKING:
    from collections.abc import Collection

_AT_ONCE = 20


def draw(run: Run, text: str) -> str:
    """Return the HTML of a text about a run. It takes its time: call it outside of a transaction."""
    if not text:
        return ""
    workspace, names = run.workspace, markdown.named_runs(text)
    near = markdown.Near(
        page=lambda path: places.run_file_page(workspace.name, run.run_id, path),
        picture=lambda path: places.run_picture(workspace.name, run.run_id, path),
        runs={n: places.run_page(workspace.name, n) for n in _known(run, names)},
    )
    return markdown.render(text, near)


def keep(run: Run, html: str) -> None:
    """Store what ``draw`` made of the run's description, in the transaction of the caller."""
    if html:
        drawn = {"html": html, "renderer": markdown.VERSION}
        Description.objects.update_or_create(run=run, defaults=drawn)
    else:
        Description.objects.filter(run=run).delete()


def redraw_old() -> int:
    """Draw some descriptions again that were drawn by rules of another time; returns how many."""
    old = Description.objects.filter(renderer__lt=markdown.VERSION)
    due = list(old.select_related("run__workspace")[:_AT_ONCE])
    for description in due:
        html = draw(description.run, description.run.description)
        # Whoever saved meanwhile has drawn it already.
        old.filter(pk=description.pk).update(html=html, renderer=markdown.VERSION)
    return len(due)


def _known(run: Run, names: Collection[str]) -> list[str]:
    if not names:
        return []
    runs = Run.objects.inside(run.workspace).present().filter(run_id__in=names)
    return list(runs.values_list("run_id", flat=True))
