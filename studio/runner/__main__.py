"""python -m studio.runner <folder>/spec.json: run one script and report on it."""

from __future__ import annotations

import sys
from pathlib import Path

from studio.runner._folder import RunFolder
from studio.runner._reports import StudioAway
from studio.runner._supervise import supervise


def main() -> int:
    """Run what the spec says; returns 0 once everything is delivered, 1 if the studio stays away."""
    if len(sys.argv) != 2:
        print("usage: python -m studio.runner FOLDER/spec.json", file=sys.stderr)
        return 2
    try:
        supervise(RunFolder(Path(sys.argv[1]).resolve().parent))
    except StudioAway as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
