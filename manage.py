#!/usr/bin/env python
"""Starts Django; says how to install the server where Django is missing."""

import os
import sys


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit('The studio needs its server parts:\n  .venv/bin/pip install -e ".[server]"')
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
