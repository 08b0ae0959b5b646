"""A web process is made ready before its first request."""

from __future__ import annotations

import gc

from runs.management.warm import warm


def test_what_stays_is_not_gone_through_again_by_the_garbage_collector() -> None:
    before = gc.get_freeze_count()
    try:
        warm()
        assert gc.get_freeze_count() > before + 10_000
    finally:
        gc.unfreeze()
