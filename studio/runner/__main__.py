"""python -m studio.runner <folder>/spec.json: run one script and report on it."""

from __future__ import annotations

import sys
from pathlib import Path

from studio.runner._folder import RunFolder
from studio.runner._supervise import supervise


def main() -> int:
    """Run what the spec says; returns 0 once everything is delivered."""
    if len(sys.argv) != 2:
        print("usage: python -m studio.runner FOLDER/spec.json", file=sys.stderr)
        return 2
    supervise(RunFolder(Path(sys.argv[1]).resolve().parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
