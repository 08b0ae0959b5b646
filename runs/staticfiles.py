"""Static files by content hash, the style sheet in one piece, and modules in few."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from runs.module_bundles import bundled

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHEET = "css/app.css"
# The modules that pages of every day name; the first is on each page.
_ENTRIES = ("js/app.js", "js/list.js", "js/run.js")
_ALONE = ("js/alerts.js",)
_IMPORT = re.compile(r'@import url\("(?P<name>[^"]+)"\) layer\((?P<layer>[a-z]+)\);\n')

Paths = dict[str, tuple[Any, str]]


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Rewrites ``import`` lines of modules too, so that no build step is needed.

    A browser would fetch the parts of the style sheet one by one before it paints anything, so they
    are set into the sheet; and the modules one by one while it paints, so they are set into few.
    """

    support_js_module_import_aggregation = True

    def post_process(
        self, paths: Paths, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        """Set the sheet and the modules together, then do as always."""
        if _SHEET in paths and not dry_run:
            whole = {_SHEET: self._together(paths), **_bundles(paths)}
            for name, text in whole.items():
                self.delete(name)
                self._save(name, ContentFile(text.encode()))
            paths = {**paths, **{name: (self, name) for name in whole}}
        yield from super().post_process(paths, dry_run, **options)

    def _together(self, paths: Paths) -> str:
        def part(found: re.Match[str]) -> str:
            inner = _read(paths, f"css/{found['name']}")
            return f"@layer {found['layer']} {{\n{inner}}}\n"

        return _IMPORT.sub(part, _read(paths, _SHEET))


def _bundles(paths: Paths) -> dict[str, str]:
    modules = {name: _read(paths, name) for name in paths if name.startswith("js/")}
    return bundled(modules, _ENTRIES, _ALONE)


def _read(paths: Paths, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        text: str = file.read().decode()
    return text
