"""``manage.py demo``: run the studio with examples in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runs.management.commands import up
from runs.management.examples import connect_folder, submit_missing
from runs.management.supervisor import public_url

if TYPE_CHECKING:
    from runs.management.first_start import Home


class Command(up.Command):
    """As ``up``; submits the example trainings at the first start."""

    help = "Run the studio, submit the example trainings once, and connect this folder to it."

    def what_next(self, home: Home) -> str:
        """Connect the folder, submit what is missing, and say so."""
        token = connect_folder(Path.cwd(), home, public_url(self.address))
        if submit_missing(home, self.address.url, token, self.say):
            first = "The example trainings are on their way: open the link and watch them."
        else:
            first = "Open the link: the example trainings are still there."
        return f"{first}\nIn Python, started in this folder: Workspace.from_config()"
