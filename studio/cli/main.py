"""Where the ``studio`` command begins: what is asked, who does it, and how it ends.

Exit codes: 0 done, 1 the run failed, 2 not understood, 3 not found, 4 the studio does not answer.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from studio.cli.options import parser

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, FAILED, USAGE, NOT_FOUND, NOT_REACHABLE = range(5)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; returns the exit code."""
    asked = parser().parse_args(arguments)
    # Imported late: --help answers at once.
    from studio.sdk import ActivityFailedException, ServiceException, StudioException

    try:
        code: int | None = asked.do(asked)
        return code or DONE
    except ActivityFailedException as error:
        return _say(error, FAILED)
    except ServiceException as error:
        if error.is_unreachable:
            return _say(error, NOT_REACHABLE)
        return _say(error, NOT_FOUND if error.status == 404 else USAGE)
    except StudioException as error:
        return _say(error, NOT_FOUND if "There is no" in str(error) else USAGE)
    except KeyboardInterrupt:
        return _say("Stopped.", USAGE)
    except BrokenPipeError:
        # Whoever read this has seen enough; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _say(words: object, code: int) -> int:
    print(f"studio: {words}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
