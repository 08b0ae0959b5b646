"""Results on the terminal: JSON by default, a part of it by JMESPath, tables for people."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.sdk import UserErrorException

if TYPE_CHECKING:
    import argparse

_KEY = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(:)', re.MULTILINE)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_YAML_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def show(asked: argparse.Namespace, result: Any) -> None:
    """Print a result as it was asked for.

    Raises:
        UserErrorException: a query that is none; a file that is there already.
    """
    if asked.output_metadata_file:
        _write(Path(asked.output_metadata_file), result)
    if asked.query:
        result = _search(asked.query, result)
    text = _drawn(asked.output, result)
    if text:
        print(text)


def _search(query: str, result: Any) -> Any:
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.search(query, result)
    except JMESPathError as error:
        raise UserErrorException(f"The query cannot be answered: {error}") from None


def _write(path: Path, result: Any) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump(result, file, indent=2, sort_keys=True)
    except FileExistsError:
        raise UserErrorException(f"{path} is there already; it was not overwritten.") from None
    except OSError as error:
        raise UserErrorException(f"{path} cannot be written: {error}") from None


def _drawn(kind: str, result: Any) -> str:
    if kind == "none":
        return ""
    if kind == "table":
        return _table(result)
    if kind == "tsv":
        return "\n".join("\t".join(_cells(row)) for row in _rows(result))
    if kind == "yaml":
        return _yaml(result, 0).strip("\n")
    text = json.dumps(result, indent=2, ensure_ascii=False)
    return _coloured(text) if kind == "jsonc" and _has_colours() else text


def _rows(result: Any) -> list[Any]:
    return result if isinstance(result, list) else [result]


def _cells(row: Any) -> list[str]:
    values = row.values() if isinstance(row, dict) else row if isinstance(row, list) else [row]
    return ["" if v is None else v if isinstance(v, str) else json.dumps(v) for v in values]


def _table(result: Any) -> str:
    """Draw rows with the columns that hold single values."""
    rows = [row for row in _rows(result) if row is not None]
    if not rows or not all(isinstance(row, dict) for row in rows):
        return "\n".join("  ".join(_cells(row)) for row in rows)
    simple = [c for c in rows[0] if not any(isinstance(row.get(c), dict | list) for row in rows)]
    lines = [simple, *([_short(row.get(c)) for c in simple] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(simple))]
    lines.insert(1, ["-" * width for width in widths])
    padded = (
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) for line in lines
    )
    return "\n".join(line.rstrip() for line in padded)


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _yaml(value: Any, depth: int) -> str:
    start = "  " * depth
    if isinstance(value, dict) and value:
        return "\n" + "\n".join(
            f"{start}{_word(k)}:{_yaml(v, depth + 1)}" for k, v in value.items()
        )
    if isinstance(value, list) and value:
        items = (_yaml(item, depth + 1).lstrip() for item in value)
        return "\n" + "\n".join(f"{start}- {item}" for item in items)
    return f" {_word(value)}"


def _word(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _YAML_WORDS:
        return value
    # JSON is YAML.
    return json.dumps(value, ensure_ascii=False)


def _has_colours() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _coloured(text: str) -> str:
    return _KEY.sub("\\1\x1b[36m\\2\x1b[0m\\3", text)
