"""Which runs stand below which."""

from __future__ import annotations

from runs.models import Run


def is_or_is_below(run: Run, top: Run) -> bool:
    """Whether a run is another, or a child run of it at any depth."""
    above: Run | None = run
    while above is not None and above.depth > top.depth:
        above = above.parent
    return above is not None and above.pk == top.pk


def below(top: Run) -> list[int]:
    """Return the keys of all runs below one."""
    found: list[int] = []
    level = [top.pk]
    while level:
        level = list(Run.objects.filter(parent__in=level).values_list("pk", flat=True))
        found += level
    return found
