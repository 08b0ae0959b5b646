"""HTML inside Markdown, as texts of other places bring it along."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.markdown import LONGEST, render
from tests.docs.test_markdown import assert_harmless, drawn_in_time

REL = ' rel="nofollow ugc noopener noreferrer"'


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("<!-- told to nobody -->", ""),
        ("a <!-- told to nobody --> b", "<p>a  b</p>\n"),
        ("<!--\nmany\n\nlines\n-->\n\nshown", "<p>shown</p>\n"),
        ("a<br>b<br/>c", "<p>a<br>\nb<br>\nc</p>\n"),
        (
            "<b>a</b> <i>b</i> H<sub>2</sub>O",
            "<p><strong>a</strong> <em>b</em> H<sub>2</sub>O</p>\n",
        ),
        ("press <kbd>Ctrl</kbd>", "<p>press <kbd>Ctrl</kbd></p>\n"),
        ("<p align='center'>\n  <i>middle</i>\n</p>", "<p><em>middle</em></p>\n"),
        ('<img alt="own" src="/a.png">', '<p><img src="/a.png" alt="own"></p>\n'),
        (
            '<p><img src="https://x.example/a.png" alt="there" width=40></p>',
            f'<p><a href="https://x.example/a.png"{REL}>there</a></p>\n',
        ),
        (
            '<img src="https://x.example/a.png">',
            f'<p><a href="https://x.example/a.png"{REL}>a.png</a></p>\n',
        ),
        ('<a href="https://x.example/">x</a>', f'<p><a href="https://x.example/"{REL}>x</a></p>\n'),
        ("<a href='javascript:alert(1)'>x</a>", f"<p><a{REL}>x</a></p>\n"),
        ("the token <unk> stays", "<p>the token &lt;unk&gt; stays</p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("a < b and c > d", "<p>a &lt; b and c &gt; d</p>\n"),
        ("<div>\n</div>", ""),
        ("<p>\n<br>\nx\n<br>\n</p>", "<p> x </p>\n"),
        ("<p>a &amp; b &lt;c&gt;</p>", "<p>a &amp; b &lt;c&gt;</p>\n"),
        ("`<b>`", "<p><code>&lt;b&gt;</code></p>\n"),
    ],
)
def test_known_marks_are_drawn_and_nothing_is_passed_on(text: str, drawn: str) -> None:
    assert render(text) == drawn
    assert_harmless(render(text))


def test_a_heading_with_an_anchor_of_html_keeps_its_name() -> None:
    assert '<h2 id="h-set-up">Set up<a class="anchor"' in render('## Set up<a id="there"></a>')


def test_a_text_with_many_tags_shows_them_as_they_were_written() -> None:
    assert "&lt;b&gt;" in render("<b>a</b> " * 501)


@settings(deadline=None)
@given(st.lists(st.sampled_from([
    "<", ">", "</", "a", "img", "script", " href=", "src=", "'", '"', "javascript:x", "<!--", "-->", "\n",
    "<b>", "</b>", "<p>", "<img src=x onerror=y>", "<a href=//x>", "&lt;",
    "`", "[", "](", ")", " ", "<?", "<![CDATA[",
]), max_size=40).map("".join))  # fmt: skip
def test_no_mix_of_html_acts(text: str) -> None:
    assert_harmless(render(text))


@pytest.mark.parametrize(
    "text",
    [
        ("<a " * 500 + "x" * LONGEST)[:LONGEST],
        ("<b>" * 500 + "x\n" * LONGEST)[:LONGEST],
        ("<!--" * 500 + " -" * LONGEST)[:LONGEST],
        ("<a b='" * 500 + "c" * LONGEST)[:LONGEST],
        ("<a b" + " c='d'" * 10_000)[:LONGEST],
        "<p\n" * 500 + "a=b\n" * 3_000,
        "<?" * 500 + "x" * 60_000,
        "<![CDATA[" * 500 + "x" * 50_000,
        "<div>" + "<img src=a>" * 499,
    ],
    ids=range(9),
)
def test_no_html_takes_long(text: str) -> None:
    drawn = drawn_in_time(text)
    assert_harmless(drawn)
    assert not re.search(r"<(script|iframe|form)", drawn)
