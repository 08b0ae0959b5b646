"""The words of ``studio retention …``."""

from __future__ import annotations

from studio.cli.commands import Parsers, add_command


def add_retention(retention: Parsers) -> None:
    """Add the commands about rules that delete old runs."""
    add_command(retention, "list", "retention:show_all", "list the rules of a workspace")
    previewed = add_command(
        retention, "preview", "retention:preview", "say what a rule would delete now"
    )
    created = add_command(
        retention, "create", "retention:create", "make a rule that deletes old runs"
    )
    for command in (previewed, created):
        command.add_argument(
            "--filter", default="", metavar="QUERY", help="of which runs; of all when left out"
        )
        command.add_argument(
            "--days", type=int, required=True, metavar="N", help="so long after their end"
        )
    created.add_argument(
        "--confirm", type=int, metavar="COUNT", help="how many runs it deletes now, as previewed"
    )
    for name, about in (
        ("enable", "follow a rule again, in your name"),
        ("disable", "follow a rule no more"),
        ("delete", "delete a rule; what it has deleted stays in the bin"),
    ):
        command = add_command(retention, name, f"retention:{name}", about, is_text=name == "delete")
        command.add_argument("rule", metavar="RULE", help="its id")
