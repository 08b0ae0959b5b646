"""Which files are source: as git decides it, where git is there to be asked."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from studio.sdk import _snapshot
from studio.sdk._ignore import Rules

PATHS = [
    "a.py", "b.log", "keep.log", "data/x.bin", "data/deep/y.bin", "src/data/z.py", "build/out.txt",
    "src/build/o.txt", "notes[1].txt", "space .txt", "docs/a/b/c.md", "x1", "x2", "#hash", "!bang",
    "temp/keep/me.txt", "deep/er/a.tmp", "a.tmp",
]  # fmt: skip
RULES = r"""
# a comment
*.log
!keep.log
/data/
build/
notes\[1\].txt
docs/**/c.md
x[0-1]
\#hash
\!bang
temp/*
!temp/keep
**/er/*.tmp
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    for name in PATHS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def kept(folder: Path) -> set[str]:
    return {name for name, _ in _snapshot._walk(folder, Rules.of(folder))}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not there to be asked")
def test_it_decides_as_git_does(folder: Path) -> None:
    (folder / ".gitignore").write_text(RULES)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert kept(folder) == set(listed.strip("\0").split("\0"))
    assert "b.log" not in kept(folder)


def test_amlignore_stands_alone(folder: Path) -> None:
    (folder / ".gitignore").write_text("*.py\n")
    (folder / ".amlignore").write_text("*.log\n")
    assert {"a.py", "b.log"} & kept(folder) == {"a.py"}


def test_a_link_out_of_the_folder_is_not_followed(folder: Path) -> None:
    secret = folder.parent / "secret.txt"
    secret.write_text("secret")
    (folder / "link.txt").symlink_to(secret)
    (folder / "inside.txt").symlink_to(folder / "a.py")
    assert {"link.txt", "inside.txt"} & kept(folder) == {"inside.txt"}


def test_what_is_never_source_is_left_out(folder: Path) -> None:
    for name in (".git/config", ".venv/x.py", "sub/__pycache__/a.pyc"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).touch()
    assert kept(folder) == set(PATHS)
