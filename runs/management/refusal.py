"""Why the studio does not start."""

from __future__ import annotations


class StartError(Exception):
    """One sentence for the person at the terminal: what is in the way, and the way out."""
