"""Markdown that names files and runs beside it, and marks in any mix."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.markdown import LONGEST, Near, named_runs, render
from tests.docs.test_markdown import assert_harmless, drawn_in_time


def near(*runs: str) -> Near:
    known = {name: f"/runs/{name}/" for name in runs}
    return Near(lambda path: f"/page/{quote(path)}", lambda path: f"/picture/{quote(path)}", known)


@pytest.mark.parametrize(
    ("written", "leads"),
    [
        ("outputs/plot.png", "outputs/plot.png"),
        ("./outputs/plot.png", "outputs/plot.png"),
        ("<outputs/my plot.png>", "outputs/my plot.png"),
        ("outputs/my%20plot.png", "outputs/my plot.png"),
        ("outputs/%252e%252e/x", "outputs/%2e%2e/x"),
        ("outputs/plot.png?x=1#y", "outputs/plot.png"),
        ("../plot.png", ""),
        ("a/../../plot.png", ""),
        ("a/%2e%2e/plot.png", ""),
        ("a//b", ""),
        ("/w/main/", ""),
        ("https://x.example/a.png", ""),
        ("mailto:a@x.example", ""),
        ("#part", ""),
        ("?q=1", ""),
        ("//x.example/a", ""),
    ],
)
def test_files_beside_the_text_are_named_by_their_path(written: str, leads: str) -> None:
    (link,) = re.findall(r'href="([^"]*)"', render(f"[x]({written})", near())) or [""]
    assert unquote(link.removeprefix("/page/")) == (leads or unquote(link))
    shown = re.findall(r'src="/picture/([^"]*)"', render(f"![x]({written})", near()))
    assert list(map(unquote, shown)) == ([leads] if leads else [])
    assert "/picture/" not in render(f"![x]({written})")


def test_a_run_is_named_by_its_id() -> None:
    text = "See #abc-1. Not #other, a#abc-1, [#abc-1](/x), `#abc-1` or ##abc-1; (#abc-1)"
    assert named_runs(text) == {"abc-1", "abc-1.", "other"}
    drawn = render(text, near("abc-1"))
    assert drawn.count('<a href="/runs/abc-1/"') == 2
    assert ">#abc-1</a>. Not #other, a#abc-1," in drawn
    assert "<code>#abc-1</code>" in drawn
    assert len(named_runs("".join(f" #r{n}" for n in range(5_000)))) <= 201
    assert_harmless(drawn)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://x.example/a_b_c?d=e#f", "https://x.example/a_b_c?d=e#f"),
        ("See https://x.example/a. Then", "https://x.example/a"),
        ("(https://x.example/a)", "https://x.example/a"),
        ("https://x.example/a_(b), c", "https://x.example/a_(b)"),
        ("**http://x.example**", "http://x.example"),
        ("https://x.example/#abc-1", "https://x.example/#abc-1"),
        ("https://X.example/a!?", "https://X.example/a"),
        ("HTTPS://x.example", ""),
        ("`https://x.example`", ""),
        ("    https://x.example", ""),
        ("xhttps://x.example", ""),
        ("https://", ""),
        ("https://...", ""),
        ("ftp://x.example javascript://x.example", ""),
    ],
)
def test_an_address_that_stands_in_a_text_is_a_link(text: str, link: str) -> None:
    drawn = render(text, near("abc-1"))
    assert re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', drawn) == ([(link, link)] * bool(link))
    assert_harmless(drawn)


def test_an_address_inside_a_link_is_no_second_one() -> None:
    drawn = render("[https://x.example](https://y.example) <https://z.example>")
    assert drawn.count("<a ") == 2
    assert 'href="https://x.example"' not in drawn


@settings(deadline=None)
@given(st.text(alphabet="[]()!<>*_`~#|-:\\&;\n \t>1.aé", max_size=400))
def test_no_mix_of_marks_breaks_the_reader(text: str) -> None:
    assert_harmless(render(text, near("a")))


@settings(max_examples=20, deadline=None)
@given(st.text(alphabet="[]()!<*_`~#|-\n >1a", min_size=1, max_size=12))
def test_no_mix_of_marks_takes_long(piece: str) -> None:
    text = (piece * LONGEST)[:LONGEST]
    assert_harmless(drawn_in_time(text, near("a")))
