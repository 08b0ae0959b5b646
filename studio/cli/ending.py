"""How a command ends: its exit code, and why."""

from __future__ import annotations

DONE, FAILED, USAGE, NOT_FOUND, NOT_REACHABLE = range(5)
# What shells expect of a program that Ctrl-C has ended.
INTERRUPTED = 130

EXPLAINED = """\
exit codes:
  0    done
  1    the run that was followed has failed or was canceled; sync has left something
  2    not understood, or refused by the studio
  3    what was named is not there
  4    the studio does not answer
  130  Ctrl-C; a run that was followed goes on"""


class CommandError(Exception):
    """Why a command ends here, in a sentence, and with which exit code."""

    def __init__(self, why: str, code: int = USAGE) -> None:
        super().__init__(why)
        self.code = code
