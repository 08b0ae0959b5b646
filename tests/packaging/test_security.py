"""What SECURITY.md promises to others who look for our secrets."""

from __future__ import annotations

import re
from pathlib import Path

from runs.actions import tokens
from runs.models import User

TEXT = (Path(__file__).parents[2] / "SECURITY.md").read_text()


def test_the_published_expression_finds_our_tokens_and_no_others(alice: User) -> None:
    (pattern,) = re.findall(r"`(\\bstu_.*?)`", TEXT)
    for _ in range(50):
        token = tokens.issue(alice, "leaked")
        assert re.findall(pattern, f'TOKEN="{token}"\n{token} ') == [token, token]
    for other in ("stu_", "stu_" + "a" * 42, "stu_" + "a" * 44, "gstu_" + "a" * 43):
        assert re.findall(pattern, other) == []
