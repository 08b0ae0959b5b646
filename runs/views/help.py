"""The Help: the manual in templates/docs, Markdown that can be read in the repository as well."""

from __future__ import annotations

import functools
import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs import markdown
from runs.views.account import last_workspace
from runs.views.doors import signed_in

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

FIRST = "index"
PAGES = (
    *(FIRST, "first-run", "list", "logs", "sdk", "cli", "descriptions", "people", "alerts"),
    *("mlflow", "team", "differences"),
)

_HEADING = re.compile(r'<h([1-3]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_TO_A_PAGE = re.compile(r'href="([a-z-]+)\.md(?:#([^"]*))?"')
_CODE = re.compile(r'<pre tabindex="0"><code.*?</code></pre>', re.DOTALL)
# What a block shows, not what anybody would type.
_SHOWN = 'class="language-text"'


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a page; ``level`` is 2 or 3."""

    level: int
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the list of pages."""

    name: str
    address: str
    title: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the manual, drawn."""

    name: str
    title: str
    html: str
    headings: tuple[Heading, ...]


@require_safe
@signed_in
def page(request: HttpRequest, name: str = FIRST) -> HttpResponse:
    """Show a page of the manual."""
    if name not in PAGES:
        raise Http404("The manual has no such page.")
    context = {
        "help": drawn(name),
        "pages": entries(),
        "workspace": last_workspace(request),
    }
    return render(request, "docs/page.html", context)


@functools.cache
def drawn(name: str) -> Page:
    """Return a page of the manual. It is the same for everybody, so it is drawn once."""
    text = markdown.render(source(name).read_text(encoding="utf-8"))
    headings = [
        Heading(int(level), place, html.unescape(_TAG.sub("", said)))
        for level, place, said in _HEADING.findall(text)
    ]
    title = next(heading.text for heading in headings if heading.level == 1)
    below = tuple(heading for heading in headings if heading.level > 1)
    body = _CODE.sub(_block, _TO_A_PAGE.sub(_link, text))
    return Page(name, title, body, below)


@functools.cache
def entries() -> list[Entry]:
    """Return the list of pages; the first line of each file is its title."""
    titles = {name: source(name).read_text(encoding="utf-8").partition("\n")[0] for name in PAGES}
    return [Entry(name, address(name), line.strip("# \n")) for name, line in titles.items()]


def source(name: str) -> Path:
    """Return the file that a page is written in."""
    return Path(settings.ROOT, "templates", "docs", f"{name}.md")


def address(name: str) -> str:
    """Return the address of a page."""
    return reverse("help") if name == FIRST else reverse("help_page", args=[name])


def _link(found: re.Match[str]) -> str:
    place = f"#h-{found[2]}" if found[2] else ""
    return f'href="{address(found[1])}{place}"'


def _block(found: re.Match[str]) -> str:
    can_be_copied = _SHOWN not in found[0]
    return render_to_string("docs/_code.html", {"code": found[0], "can_be_copied": can_be_copied})
