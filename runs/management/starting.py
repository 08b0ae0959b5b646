"""From nothing to a running studio: what ``up`` and ``demo`` do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.conf import settings

from runs.actions.accounts import sign_in_link
from runs.management.first_start import BOOTSTRAP, find_or_make_home
from runs.management.lock import only_studio_in
from runs.management.prepare import prepare
from runs.management.stopping import StopAsked
from runs.management.supervisor import Supervisor, local_agent, public_url, web_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from runs.management.address import Address
    from runs.management.first_start import Home

UNENCRYPTED = (
    "Others can reach this address, and neither the link nor the traffic is encrypted: "
    "put a proxy with TLS before it and set STUDIO_PUBLIC_URL to its https address."
)


def run_studio(
    address: Address,
    *,
    say: Callable[[str], None],
    what_next: Callable[[Home], str],
) -> None:
    """Run the studio until somebody stops it.

    ``what_next`` is called once it answers, and what it returns is said below the sign-in link.

    Raises:
        StartError: in one sentence, why not.
    """
    stop = StopAsked()
    with only_studio_in(settings.DATA_DIR):
        address.check()
        prepare()
        home = find_or_make_home(os.environ.get(BOOTSTRAP, ""))
        web = web_server(address)
        others = [local_agent(address, home)] if home.target else []

        def when_ready() -> None:
            say(_greeting(home, address))
            say(what_next(home))

        Supervisor(web, others, is_ready=address.is_healthy, say=say, stop=stop).run(
            when_ready=when_ready
        )
    say("Stopped. Runs in progress go on; the next start picks them up.")


def _greeting(home: Home, address: Address) -> str:
    url = public_url(address)
    lines = [
        "Run Studio is ready. This link signs one browser in, once, within 24 hours:",
        "",
        f"    {url}/sign-in/{sign_in_link(home.owner)}/",
        "",
    ]
    if not address.is_loopback and not url.startswith("https://"):
        lines.append(UNENCRYPTED)
    lines.append(f"Everything is kept in {settings.DATA_DIR}. Ctrl-C stops the studio; runs go on.")
    return "\n".join(lines)
