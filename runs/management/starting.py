"""From nothing to a plan that can be carried out: what ``up`` and ``demo`` share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.conf import settings

from runs.actions.accounts import sign_in_link, somebody_signs_in
from runs.management.first_start import BOOTSTRAP, find_or_make_home
from runs.management.lock import hold
from runs.management.plan import Plan
from runs.management.prepare import prepare
from runs.management.programs import local_agent, public_url, web_server
from runs.management.refusal import StartError
from runs.sso.problems import problem

if TYPE_CHECKING:
    from runs.management.address import Address
    from runs.management.first_start import Home

UNENCRYPTED = (
    "Others can reach this address, and neither the link nor the traffic is encrypted: "
    "put a proxy with TLS before it and set STUDIO_PUBLIC_URL to its https address."
)


NOBODY_SIGNS_IN = (
    "Others can reach {host}, and nobody here has a password yet: it would be open to whoever comes "
    "first. Set one at this terminal, `manage.py password`, and start again; or start once with "
    "--host 127.0.0.1, open the link and set it there."
)


def make_ready(address: Address) -> tuple[Plan, Home]:
    """Make the data folder ready; return how to run the studio in it, and who is at home there.

    Raises:
        StartError: in one sentence, why it cannot run.
    """
    lock = hold(settings.DATA_DIR)
    address.check()
    if problem():
        raise StartError(problem())
    prepare()
    if not address.is_loopback and not somebody_signs_in():
        raise StartError(NOBODY_SIGNS_IN.format(host=address.host))
    home = find_or_make_home(os.environ.get(BOOTSTRAP, ""))
    plan = Plan(
        host=address.host,
        port=address.port,
        folder=str(settings.ROOT),
        lock=lock,
        greeting=_greeting(home, address),
        web=web_server(address),
        others=[local_agent(address, home)] if home.target else [],
    )
    return plan, home


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
