"""``manage.py demo``: run the studio with examples in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from runs.management.commands import up
from runs.management.connecting import connect_folder
from runs.management.programs import public_url, submission

if TYPE_CHECKING:
    from runs.management.address import Address
    from runs.management.first_start import Home
    from runs.management.plan import Plan

IN_PYTHON = "In Python, started in this folder, Workspace.from_config() finds it."


class Command(up.Command):
    """As ``up``; submits the example trainings at the first start."""

    help = "Run the studio, submit the example trainings once, and connect this folder to it."

    def completed(self, plan: Plan, home: Home, address: Address) -> Plan:
        """Connect this folder, and add the submission of the examples unless it was done."""
        token = connect_folder(Path.cwd(), home, public_url(address))
        done = settings.DATA_DIR / "examples.submitted"
        if done.exists():
            first = "Open the link: the example trainings are still there."
            return replace(plan, greeting=f"{plan.greeting}\n{first}\n{IN_PYTHON}")
        first = "The example trainings are on their way: open the link and watch them."
        return replace(
            plan,
            greeting=f"{plan.greeting}\n{first}\n{IN_PYTHON}",
            # Each run's id keeps it single, should this be cut short and tried again.
            errand=submission(address, home, token),
            errand_done=str(done),
        )
