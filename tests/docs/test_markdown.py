"""Markdown: what it draws, and that nobody's text does anything."""

from __future__ import annotations

import html
import re
import time
from html.parser import HTMLParser

import pytest

from runs.markdown import LONGEST, Near, render

# Half of it was the most that was ever measured; seconds of a machine that is busy are shorter.
SECONDS = 2.0
TAGS = set(
    "p br hr h1 h2 h3 h4 h5 h6 strong em s code pre blockquote ul ol li table thead tbody tr th td "
    "a img span div kbd sub sup".split()
)
ATTRIBUTES = {
    "a": {"href", "title", "rel", "class", "aria-label"},
    "li": {"class"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "code": {"class"},
    "span": {"class"},
    "div": {"class", "tabindex"},
    "pre": {"tabindex"},
    "th": {"align"},
    "td": {"align"},
    **{f"h{level}": {"id"} for level in range(1, 7)},
}


class Seen(HTMLParser):
    """The tags that a browser would see, each with its attributes."""

    def __init__(self, drawn: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(drawn)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def drawn_in_time(text: str, near: Near | None = None) -> str:
    """Return the HTML of a text; it may be drawn three times, for a machine that is busy."""
    for _ in range(3):
        start = time.process_time()
        drawn = render(text, near)
        if time.process_time() - start < SECONDS:
            return drawn
    pytest.fail(f"drawing took more than {SECONDS} s of CPU")


def assert_harmless(drawn: str) -> None:
    for tag, attributes in Seen(drawn).tags:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES.get(tag, set()), (tag, attributes)
        address = attributes.get("href") or attributes.get("src") or ""
        assert not re.match(r"\s*(?!https?:|mailto:)[^/?#]*:", address), address
        assert not address.startswith(("//", "/\\", "\\")), address
        assert tag != "img" or ":" not in address.partition("/")[0], address
        assert (attributes.get("id") or "h-").startswith("h-")
        if tag in ("a", "li"):
            assert attributes.get("class") in (None, "anchor", "task")
        if "href" in attributes:
            assert attributes["rel"] == "nofollow ugc noopener noreferrer"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<ScRiPt src=//evil.example></sCrIpT>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><math><mtext></svg>",
        '<svg><style><img src="</style><img src=x onerror=alert(1)>">',
        "<style>body{display:none}</style>",
        '<p style="position:fixed">over everything</p>',
        '<form action="/w/main/runs/x/cancel/" method="post"><button>win</button></form>',
        '<div hx-get="/w/main/runs/" hx-trigger="load" data-copy="x">x</div>',
        '<p id="content" class="toast" name="csrfmiddlewaretoken">x</p>',
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=//evil">',
        "<!--><script>alert(1)</script>-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](java&Tab;script:alert(1))",
        "[x](&#1;javascript:alert(1))",
        "[x](<java\tscript:alert(1)>)",
        "[x](\x01javascript:alert(1))",
        "[x](vbscript:msgbox(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](file:///etc/passwd)",
        "[x](blob:https://evil.example/1)",
        "[x](//evil.example/path)",
        "[x](\\\\evil.example)",
        "[x](/\\evil.example)",
        "[x](<//evil.example>)",
        "[x][1]\n\n[1]: javascript:alert(1)",
        "<javascript:alert(1)>",
        '[x](https://ok.example "title\\" onclick=\\"alert(1)")',
        "![x](https://evil.example/pixel.png)",
        "![x](//evil.example/pixel.png)",
        "![x](\\\\evil.example\\pixel.png)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "![x](javascript:alert(1))",
        '![" onerror="alert(1)](/a.png)',
        '![x](/a.png "\\" onerror=\\"alert(1)")',
        "[![x](https://evil.example/a.png)](javascript:alert(1))",
        '```"><script>alert(1)</script>\ncode\n```',
        '```python" onmouseover="alert(1)\nx = 1\n```',
        "```html\n</code></pre><script>alert(1)</script>\n```",
        "```python\n</code></pre><script>alert(1)</script>\n```",
        "# <img src=x onerror=alert(1)>",
        "# csrf\n# content\n# toasts",
        "|<script>|\n|-|\n|<img src=x onerror=alert(1)>|",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;script&#62;alert(1)&#60;/script&#62;",
        "`<script>alert(1)</script>`",
        "    <script>alert(1)</script>",
        "<xss style=a:expression(alert(1))>",
        "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
        "<\x0bscript>alert(1)</script>",
        "\ud800<script>",
        "[x](https://ok.example/\x00)",
    ],
)
def test_nothing_that_somebody_writes_acts(text: str) -> None:
    assert_harmless(render(text))


@pytest.mark.parametrize(
    "letter", [*map(chr, (0, 1, 8, 11, 12, 14, 27, 31, 127, 133, 159)), "\u2028"]
)
def test_control_characters_are_not_passed_on(letter: str) -> None:
    assert render(f"a{letter}b") == "<p>a\N{REPLACEMENT CHARACTER}b</p>\n"


@pytest.mark.parametrize(
    "piece",
    [
        "[", "![", "<![", "[a][", "[](", "<a ", "a\n=\n", "|a|b|\n|-|-|\n", "|", "*", "* * ", "- - ",
        "1. 1. ", ">", "> > ", "`", "``a`", "*a_ ", "**a *a ", "~~a ", "&", "\\", "<http:", "[a](<b",
        "[a]: b\n", "```\n", "# a\n", "- a\n", "[[a]", "![[", "<!--", "[a](\"", "*_", "| - ", "\n",
    ],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * LONGEST)[:LONGEST]
    drawn = drawn_in_time(text)
    assert_harmless(drawn)


@pytest.mark.parametrize(
    "text",
    [
        "".join("  " * depth + "- a\n" for depth in range(10_000))[:LONGEST],
        "> " * 10_000 + "deep",
        "".join(" " * depth + "- a\n" for depth in range(350)),
        "|a|b|\n|-|-|\n" + "|c|d|\n" * 4_000,
        "|" + "a|" * 1_500 + "\n|" + "-|" * 1_500 + "\n" + "b\n" * 4_900,
        "[a]: b\n" * 4_000 + "[a]" * 5_000,
        "[" * 30_000 + "a" + "](b)" * 6_000,
        "# same\n" * 4_999,
        ("~~~python\n" + "`" * 290 + "\n" + "~~~\n") * 200,
        ("~~~python\n" + ("'" * 299 + "\n") * 30 + "~~~\n") * 6,
    ],
    ids=range(10),
)
def test_no_structure_takes_long(text: str) -> None:
    drawn = drawn_in_time(text)
    assert_harmless(drawn)


@pytest.mark.parametrize("text", ["<b>" + "x" * LONGEST, "<b>\n" * 5_001, "<b>|" * 12_001])
def test_a_text_beyond_reason_is_shown_as_it_was_written(text: str) -> None:
    drawn = render(text)
    assert drawn == f'<pre tabindex="0">{html.escape(text)}</pre>'


def test_what_people_write_is_drawn() -> None:
    drawn = render(
        "Some *em*, **strong**, ~~gone~~, `a < b`, a  \nnew line.\n\n> said\n\n---\n\n3. three\n4. four\n"
    )
    assert drawn == (
        "<p>Some <em>em</em>, <strong>strong</strong>, <s>gone</s>, <code>a &lt; b</code>, a<br>\n"
        "new line.</p>\n<blockquote>\n<p>said</p>\n</blockquote>\n<hr>\n"
        '<ol start="3">\n<li>three</li>\n<li>four</li>\n</ol>\n'
    )


def test_a_table_scrolls_inside_itself() -> None:
    drawn = render("|left|right|\n|:--|--:|\n|a|`b`|\n")
    assert drawn == (
        '<div class="wide" tabindex="0"><table>\n<thead>\n<tr>\n<th align="left">left</th>\n'
        '<th align="right">right</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align="left">a</td>\n'
        '<td align="right"><code>b</code></td>\n</tr>\n</tbody>\n</table></div>\n'
    )


def test_tasks_have_a_sign_each() -> None:
    drawn = render("- [ ] to do\n- [x] done\n- [link](/a)\n- []\n")
    assert [line for line in drawn.splitlines() if line.startswith("<li")] == [
        '<li class="task">☐ to do</li>',
        '<li class="task">☑ done</li>',
        '<li><a href="/a" rel="nofollow ugc noopener noreferrer">link</a></li>',
        "<li>[]</li>",
    ]


def test_headings_have_names_that_links_of_the_text_lead_to() -> None:
    drawn = render("# The `Run`: first!\n## Same\n## Same\n## Same-1\n## ---\n[up](#the-run-first)")
    assert re.findall(r'id="([^"]+)"', drawn) == [
        "h-the-run-first",
        "h-same",
        "h-same-1",
        "h-same-1-1",
        "h----",
    ]
    assert '<a href="#h-the-run-first"' in drawn


def test_a_picture_from_elsewhere_is_a_link() -> None:
    rel = 'rel="nofollow ugc noopener noreferrer"'
    assert render("![own](/w/main/a.png) ![there](https://x.example/a.png)") == (
        '<p><img src="/w/main/a.png" alt="own"> '
        f'<a href="https://x.example/a.png" {rel}>there</a></p>\n'
    )
    badge = render("[![badge](https://x.example/a.svg)](https://y.example)")
    assert badge == f'<p><a href="https://y.example" {rel}>badge</a></p>\n'


def test_code_of_a_named_language_is_coloured() -> None:
    assert render("```python anything\nx = 'a<b'  # why\n```\n") == (
        '<pre tabindex="0"><code class="language-python">x = '
        "<span class=\"tok-string\">'a&lt;b'</span>  "
        '<span class="tok-comment"># why</span>\n</code></pre>\n'
    )


@pytest.mark.parametrize(
    ("fence", "named"), [("```", ""), ("```nothing-known", ' class="language-nothing-known"')]
)
def test_code_of_no_known_language_is_plain(fence: str, named: str) -> None:
    drawn = render(f"{fence}\nx = 'a'\n```\n")
    assert drawn == f"<pre tabindex=\"0\"><code{named}>x = 'a'\n</code></pre>\n"


@pytest.mark.parametrize("code", ["x = 1\n" * 2_000, f"x = '{'a' * 300}'\n"])
def test_code_that_is_too_long_is_plain(code: str) -> None:
    drawn = render(f"```python\n{code}```\n")
    assert "<span" not in drawn
    assert html.unescape(drawn).count("x = ") == code.count("x = ")


def test_a_heading_has_a_link_to_itself() -> None:
    assert render("## Set *up*") == (
        '<h2 id="h-set-up">Set <em>up</em><a class="anchor" href="#h-set-up" '
        'aria-label="Link to this section" rel="nofollow ugc noopener noreferrer"></a></h2>\n'
    )
