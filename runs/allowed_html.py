"""The last gate of HTML that is made of people's text: an allow-list, and the only door to nh3."""

from __future__ import annotations

import re

import nh3

TO_HERE = "Link to this section"
_SCHEME = re.compile(r"[^/?#]*?:")
_SCHEMES = {"http", "https", "mailto"}
_NOT_IN_AN_ADDRESS = re.compile(r"[\x00-\x20\x7f-\x9f\\]")

_TAGS = set(
    "p br hr h1 h2 h3 h4 h5 h6 strong em s code pre blockquote ul ol li "
    "table thead tbody tr th td a img span div kbd sub sup".split()
)
_REL = "nofollow ugc noopener noreferrer"
_ANYTHING = re.compile(".*", re.DOTALL)
_HEADING = {"id": re.compile(r"h-[\w-]{1,90}")}
_ALIGNED = {"align": re.compile("left|right|center")}
_SCROLLED = {"tabindex": re.compile("0")}
# What an attribute of a tag may say; all else is taken away. Addresses are looked at besides.
_ATTRIBUTES: dict[str, dict[str, re.Pattern[str]]] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _HEADING),
    **dict.fromkeys(("th", "td"), _ALIGNED),
    "a": {
        "href": _ANYTHING,
        "title": _ANYTHING,
        "rel": re.compile(_REL),
        "class": re.compile("anchor"),
        "aria-label": re.compile(TO_HERE),
    },
    "li": {"class": re.compile("task")},
    "img": {"src": _ANYTHING, "alt": _ANYTHING, "title": _ANYTHING},
    "ol": {"start": re.compile("[0-9]{1,9}")},
    "code": {"class": re.compile(r"language-[\w+.-]{1,32}")},
    "span": {"class": re.compile("tok-[a-z]{1,10}")},
    "div": {"class": re.compile("wide"), **_SCROLLED},
    "pre": _SCROLLED,
}


def clean(drawn: str) -> str:
    """Return the HTML without what is not allowed here."""
    return nh3.clean(
        drawn,
        tags=_TAGS,
        # nh3 writes every "rel" itself.
        attributes={tag: {*allowed} - {"rel"} for tag, allowed in _ATTRIBUTES.items()},
        attribute_filter=_allowed,
        url_schemes=_SCHEMES,
        link_rel=_REL,
        strip_comments=True,
    )


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    pattern = _ATTRIBUTES.get(tag, {}).get(attribute)
    if pattern is None or not pattern.fullmatch(value):
        return None
    if (attribute == "href" and not leads_somewhere(value)) or (
        attribute == "src" and not is_own(value)
    ):
        return None
    return value


def leads_somewhere(address: str) -> bool:
    """Whether an address may be a link: of the web or mail, or a path of this studio."""
    scheme = _SCHEME.match(address)
    if scheme is not None:
        return scheme[0][:-1].lower() in _SCHEMES
    return is_own(address)


def is_own(address: str) -> bool:
    """Whether an address is a path of this studio: a picture from elsewhere tells who looked at it."""
    return not (
        _SCHEME.match(address) or address.startswith("//") or _NOT_IN_AN_ADDRESS.search(address)
    )
