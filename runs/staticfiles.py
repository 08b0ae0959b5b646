"""Static files by content hash, ES modules included, and the style sheet in one piece."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHEET = "css/app.css"
_IMPORT = re.compile(r'@import url\("(?P<name>[^"]+)"\) layer\((?P<layer>[a-z]+)\);\n')

Paths = dict[str, tuple[Any, str]]


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Rewrites ``import`` lines of modules too, so that no build step is needed.

    A browser would fetch the parts of the style sheet one by one before it paints anything, so they
    are set into the sheet.
    """

    support_js_module_import_aggregation = True

    def post_process(
        self, paths: Paths, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        """Set the sheet together, then do as always."""
        if _SHEET in paths and not dry_run:
            whole = self._together(paths)
            self.delete(_SHEET)
            self._save(_SHEET, ContentFile(whole.encode()))
            paths = {**paths, _SHEET: (self, _SHEET)}
        yield from super().post_process(paths, dry_run, **options)

    def _together(self, paths: Paths) -> str:
        def part(found: re.Match[str]) -> str:
            inner = _read(paths, f"css/{found['name']}")
            return f"@layer {found['layer']} {{\n{inner}}}\n"

        return _IMPORT.sub(part, _read(paths, _SHEET))


def _read(paths: Paths, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        text: str = file.read().decode()
    return text
