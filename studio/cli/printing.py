"""Results on the terminal: JSON by default, a part of it by JMESPath, tables for people."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import tables, terminal
from studio.cli.ending import CommandError

if TYPE_CHECKING:
    import argparse

_KEY = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(:)', re.MULTILINE)
# JSON leaves these as they are; a terminal would obey them.
_CONTROLS = re.compile("[\x7f-\x9f\u2028\u2029]")


def check(asked: argparse.Namespace) -> None:
    """Refuse a result that could not be printed, before anything is done for it.

    Raises:
        CommandError: a query that is none; a file that is there already or cannot be made.
    """
    if asked.query:
        import jmespath
        from jmespath.exceptions import JMESPathError

        try:
            jmespath.compile(asked.query)
        except JMESPathError as error:
            raise CommandError(f"--query is no JMESPath: {error}") from None
    if asked.output_metadata_file:
        path = Path(asked.output_metadata_file)
        if os.path.lexists(path):
            raise CommandError(f"{path} is there already; it was not overwritten.")
        if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
            raise CommandError(f"{path} cannot be written: {path.parent} is no folder to write in.")


def show(asked: argparse.Namespace, result: Any, said: str | None = None) -> None:
    """Print a result as it was asked for; ``said`` in its place when no format was.

    Raises:
        CommandError: the query cannot be answered, or the file cannot be written.
    """
    if asked.output_metadata_file:
        _write(Path(asked.output_metadata_file), result)
    if said is not None and not asked.output and not asked.query:
        print(said)
        return
    if asked.query:
        result = _search(asked.query, result)
    text = _drawn(asked.output or "json", result)
    if text:
        print(text)


def _search(query: str, result: Any) -> Any:
    import jmespath
    from jmespath.exceptions import JMESPathError, JMESPathTypeError

    try:
        return jmespath.search(query, result)
    except JMESPathTypeError as error:
        # Its own words would quote all that was asked for.
        wanted = " or ".join(error.expected_types)
        raise CommandError(
            f"The query cannot be answered: {error.function_name}() takes {wanted}, "
            f"not {error.actual_type}."
        ) from None
    except JMESPathError as error:
        raise CommandError(f"The query cannot be answered: {error}") from None


def _write(path: Path, result: Any) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump(result, file, indent=2, sort_keys=True)
            file.write("\n")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror or error}") from None


def _drawn(kind: str, result: Any) -> str:
    if kind == "none":
        return ""
    if kind == "table":
        return tables.table(result)
    if kind == "tsv":
        return "\n".join(map(_tsv, result if isinstance(result, list) else [result]))
    if kind == "yaml":
        return _yaml(result)
    text = _json(result, indent=2)
    return _coloured(text) if kind == "jsonc" and terminal.has_colours(sys.stdout) else text


def _json(value: Any, indent: int | None = None) -> str:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _tsv(row: Any) -> str:
    """Return a row with tabs between its values; a value alone keeps its lines."""
    if isinstance(row, dict | list):
        values = row.values() if isinstance(row, dict) else row
        return "\t".join(terminal.harmless(_bare(value)) for value in values)
    return terminal.harmless(_bare(row), keep_lines=True)


def _bare(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else _json(value)


def _yaml(value: Any) -> str:
    import yaml

    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=10_000)
    # It marks the end of a document that is no more than a word.
    return text.removesuffix("...\n").rstrip("\n")


def _coloured(text: str) -> str:
    return _KEY.sub("\\1\x1b[36m\\2\x1b[0m\\3", text)
