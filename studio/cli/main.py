"""Where the ``studio`` command begins: what is asked, who does it, and how it ends."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

from studio.cli.ending import (
    DONE,
    FAILED,
    INTERRUPTED,
    NOT_FOUND,
    NOT_REACHABLE,
    USAGE,
    CommandError,
)
from studio.cli.options import parser
from studio.cli.shells import ASK

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; returns the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    if list(words[:1]) == [ASK]:
        from studio.cli.completion import answer

        answer(words[1:])
        return DONE
    asked = parser().parse_args(words)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal of another alphabet shows what it can.
            stream.reconfigure(errors="backslashreplace")
    try:
        return _done(asked)
    except KeyboardInterrupt:
        return _ended("Stopped.", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read this has seen enough; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _done(asked: Namespace) -> int:
    # Imported late: --help answers at once.
    from studio.cli import printing
    from studio.sdk import ActivityFailedException, ServiceException, StudioException

    try:
        if hasattr(asked, "query"):
            printing.check(asked)
        asked.do(asked)
        sys.stdout.flush()
        return DONE
    except CommandError as error:
        return _ended(error, error.code)
    except ActivityFailedException as error:
        return _ended(error, FAILED)
    except ServiceException as error:
        if error.is_unreachable:
            return _ended(error, NOT_REACHABLE)
        return _ended(error, NOT_FOUND if error.status == 404 else USAGE)
    except StudioException as error:
        return _ended(error, USAGE)
    except UnicodeEncodeError as error:
        return _ended(f"{ascii(error.object)[:80]} is no text that can be sent.", USAGE)
    except BrokenPipeError:
        raise
    except OSError as error:
        return _ended(f"{error.filename or 'This machine'}: {error.strerror or error}.", USAGE)


def _ended(words: object, code: int) -> int:
    from studio.cli.terminal import complain

    complain(words)
    return code


if __name__ == "__main__":
    sys.exit(main())
