"""The words of ``studio alert …``."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from studio.cli.commands import Parsers, add_command

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_CROSSING = re.compile(r"(.+?)\s*(>=|<=|>|<)\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)")


def add_alerts(alert: Parsers, statuses: Sequence[str]) -> None:
    """Add the commands about alerts."""
    add_command(alert, "list", "alerts:show_all", "list your alerts and those of the workspace")
    _of_one(alert, "show", "show one alert")
    created = add_command(alert, "create", "alerts:create", "make an alert")
    created.add_argument("name", metavar="NAME", help="what it is called")
    _say(created, statuses)
    created.add_argument(
        "--for-all", action="store_true", default=None, help="one of the workspace; for owners"
    )
    updated = _of_one(alert, "update", "change what an alert says")
    updated.add_argument("--name", metavar="TEXT", help="another name")
    _say(updated, statuses)
    switch = updated.add_mutually_exclusive_group()
    switch.add_argument("--enable", action="store_true", help="let it tell again")
    switch.add_argument("--disable", action="store_true", help="let it be silent")
    _of_one(alert, "delete", "delete an alert, with the list of what it has sent", is_text=True)
    _of_one(alert, "test", "send a test to each address of an alert")
    sent = _of_one(alert, "deliveries", "list what an alert has sent in 30 days, the newest first")
    sent.add_argument("--last", type=int, default=10, metavar="N", help="how many (10)")
    for name, about in (
        ("retry", "try now to send what waits or was given up"),
        ("replay", "send once more what has arrived"),
    ):
        command = _of_one(alert, name, about)
        command.add_argument("delivery", metavar="DELIVERY", help="its id, of alert deliveries")


def _of_one(
    alert: Parsers, name: str, about: str, *, is_text: bool = False
) -> argparse.ArgumentParser:
    command = add_command(alert, name, f"alerts:{name}", about, is_text=is_text)
    command.add_argument("alert", metavar="ALERT", help="its id, or its name")
    return command


def _say(command: argparse.ArgumentParser, statuses: Sequence[str]) -> None:
    """Add what an alert says. What is left out is as it was, or as a new one has it."""
    when = command.add_mutually_exclusive_group()
    when.add_argument(
        "--status",
        nargs="+",
        choices=statuses,
        dest="statuses",
        metavar="STATUS",
        help="when a run gets one of them",
    )
    when.add_argument(
        "--longer-than", type=span, metavar="TIME", help="when a run takes longer: 90m, 2h"
    )
    when.add_argument(
        "--metric", type=crossing, metavar="CONDITION", help="when a run logs it: loss>5"
    )
    command.add_argument("--filter", metavar="QUERY", help="of which runs, as in the search box")
    command.add_argument(
        "--include-children", action="store_true", default=None, help="of child runs, too"
    )
    command.add_argument("--channel", choices=("email", "webhook", "slack"), help="email if new")
    command.add_argument(
        "--to", dest="address", metavar="ADDRESS", help="of a webhook, or mails; your own"
    )
    command.add_argument(
        "--digest-minutes", type=int, metavar="N", help="gather for 5, 15, 60 or 1440 minutes"
    )


def span(text: str) -> float:
    """Return how many seconds a text such as 90m or 2h means."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; it is such as 45s, 90m, 2h or 3d.")
    return float(found[1]) * _SECONDS[found[2]]


def crossing(text: str) -> tuple[str, str, float]:
    """Return the metric, the operator and the number of a text such as loss>5."""
    found = _CROSSING.fullmatch(text.strip())
    try:
        if found is not None:
            return found[1], found[2], float(found[3])
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no condition; it is such as loss>5.")
