"""Documents that are made to be slow or to break the reader: each costs less than a second, none raises."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.markdown import LONGEST, render
from tests.docs.test_markdown import assert_harmless, drawn_in_time
from tests.docs.test_markdown_near import near

MEGABYTE = 1_000_000
MARKS = """
    [ ] ![ ][ ]( ) [^ * ** *** _ __ ~~ ` `` ``` ~~~ > > > - + 1. # ## ====== ------ | |- \\ \\* & &amp; &#x41;
    &#0; &#99999999; &CounterClockwiseContourIntegral; < </ <a> </a> <b> </b> <img <!-- --> <? ?>
    <![CDATA[ ]]> <div> </div> <details> <summary> <table> <tr> <td> <http:// <a@ > " ' : [a]: [a]:/b [x]
    #run-1 a é \U0001f389
""".split()
PIECES = [
    *MARKS,
    " ",
    "  ",
    "\n",
    "\n\n",
    "\t",
    "    ",
    "  \n",
    "\r\n",
    "\x00",
    "\u2028",
    "\u202e",
    "\ud800",
]


def _runs(lengths: range) -> str:
    return "".join("`" * length + "a" for length in lengths)


# Each makes a document of any size; what grows in it is in its name.
GROWING: dict[str, Callable[[int], str]] = {
    "quotes of lists": lambda n: "> - " * (n // 4) + "a",
    "lists of quotes": lambda n: "- > 1. " * (n // 7) + "a",
    "quotes, each deeper": lambda n: "".join("> " * (d % 60) + "a\n" for d in range(n // 60)),
    "lists, each deeper": lambda n: "".join("  " * (d % 80) + "* a\n" for d in range(n // 80)),
    "numbers, each deeper": lambda n: "".join("   " * (d % 60) + "1. a\n" for d in range(n // 90)),
    "lists of open fences": lambda n: "- ```\n  a\n" * (n // 10),
    "an open fence": lambda n: "```python\n" + "x = '''\n" * (n // 8),
    "an open fence in a quote": lambda n: "> ```\n" + "> a\n" * (n // 4),
    "fences that do not end each other": lambda n: "```a\n~~~b\n" * (n // 10),
    "runs of backticks, each longer": lambda n: _runs(range(1, int((2 * n) ** 0.5))),
    "runs of backticks, each shorter": lambda n: _runs(range(int((2 * n) ** 0.5), 0, -1)),
    "emphasis that never ends": lambda n: "*a _b **c __d " * (n // 14),
    "emphasis that ends at the end": lambda n: "*a " * (n // 6) + "a* " * (n // 6),
    "runs of stars of every length": lambda n: "".join("*" * (k % 9 + 1) + "a" for k in range(n // 6)),
    "emphasis inside emphasis": lambda n: "*" * (n // 2) + "a" + "*" * (n // 2),
    "links inside links": lambda n: "[" * min(n // 4, 9_000) + "a" + "](b)" * (n // 5),
    "links inside pictures": lambda n: "[![a](b)](c)" * (n // 12),
    "titles that never end": lambda n: '[a](b "c' * (n // 8),
    "addresses that never end": lambda n: "[a](" + "b(" * (n // 2),
    "bare addresses": lambda n: "https://a.b/c " * (n // 14),
    "bare addresses with brackets": lambda n: ("https://a" + "(" * 990 + ")" * 999 + " ") * (n // 2_000),
    "one long bare address": lambda n: "https://a" + "!)" * (n // 2),
    "addresses with escapes": lambda n: "[a](" + "\\(" * (n // 2) + ")",
    "references without use": lambda n: "".join(f"[r{k}]: /x{k} 't'\n" for k in range(n // 16)),
    "references and their use": lambda n: "".join(f"[{k}]: /x\n" for k in range(n // 24))
    + "".join(f"[{k}][{k}]" for k in range(n // 24)),
    "references with long names": lambda n: "".join(f"[{'a' * 900}{k}]: /x\n" for k in range(n // 910)),
    "a reference with a title of many lines": lambda n: "[a]: /x '" + "b\n" * (n // 2),
    "entities": lambda n: "&#x41;&amp;&copy;" * (n // 17),
    "names of no entity": lambda n: "&abcdefghijklmnop" * (n // 17),
    "one long entity": lambda n: "&" + "a" * n + ";",
    "escapes": lambda n: "\\*\\\\" * (n // 4),
    "one long word": lambda n: "a" * n,
    "one long line of words": lambda n: "word " * (n // 5),
    "one long heading": lambda n: "# " + "*a* `b` " * (n // 8),
    "headings": lambda n: "# a\n" * (n // 4),
    "underlines": lambda n: "a\n=\nb\n-\n" * (n // 8),
    "hard breaks": lambda n: "a  \n" * (n // 4),
    "a wide table": lambda n: "|a" * (n // 6) + "|\n" + "|-" * (n // 6) + "|\n" + "|b" * (n // 6) + "|",
    "a long table": lambda n: "|a|b|\n|-|-|\n" + "|`c`|*d*|\n" * (n // 10),
    "many tables": lambda n: "|a|b|\n|-|-|\n|c|d|\n\n" * (n // 19),
    "a table with no head": lambda n: "|-|-|\n" * (n // 6),
    "tables in quotes": lambda n: "> |a|b|\n> |-|-|\n> |c|d|\n>\n" * (n // 26),
    "deep HTML": lambda n: "<div>" * min(n // 11, 490) + "a" * (n // 2) + "</div>" * min(n // 11, 490),
    "HTML of one line": lambda n: "<b>a</b> " * (n // 9),
    "tables of HTML": lambda n: "<table><tr><td>a</td></tr></table>\n\n" * (n // 36),
    "attributes that never end": lambda n: '<img alt="' + "a=b " * (n // 4),
    "comments that never end": lambda n: "<!-- a -- b" * (n // 11),
    "addresses in brackets": lambda n: "<http://a.b/" + "c/" * (n // 2) + ">",
    "mails in brackets": lambda n: "<a@b.c>" * (n // 7),
    "runs that are named": lambda n: "#run-1 " * (n // 7),
    "one long name of a run": lambda n: "#" + "a-" * (n // 2),
    "tasks": lambda n: "- [x] a\n- [ ] b\n" * (n // 16),
    "lines of spaces": lambda n: (" " * 60 + "\n") * (n // 61),
    "tabs": lambda n: "\t" * n,
    "rules": lambda n: "- - - - -\n***\n" * (n // 14),
}  # fmt: skip


@pytest.mark.parametrize("size", [LONGEST, MEGABYTE])
@pytest.mark.parametrize("kind", GROWING)
def test_no_growing_document_takes_long(kind: str, size: int) -> None:
    assert_harmless(drawn_in_time(GROWING[kind](size - 40)[:size], near("run-1")))


def test_documents_of_the_longest_length_are_read_and_not_only_shown() -> None:
    plain = [kind for kind, make in GROWING.items() if render(make(20_000)).startswith("<pre tab")]
    assert len(plain) < len(GROWING) / 4, plain


@pytest.mark.parametrize("piece", PIECES)
def test_no_mark_said_a_million_times_takes_long(piece: str) -> None:
    for size in (LONGEST, MEGABYTE):
        drawn_in_time((piece * size)[:size], near("run-1"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(PIECES), min_size=1, max_size=5), st.integers(1, 9_000)),
        min_size=1,
        max_size=5,
    )
)
def test_no_marks_said_often_one_after_the_other_take_long(
    parts: list[tuple[list[str], int]],
) -> None:
    text = "".join("".join(pieces) * count for pieces, count in parts)[:LONGEST]
    assert_harmless(drawn_in_time(text, near("run-1")))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_no_shuffled_document_takes_long(seed: int, lines: int) -> None:
    dice = random.Random(seed)
    text = "".join(
        dice.choice(PIECES) * dice.choice((1, 1, 2, 3, 200)) + dice.choice(("", "", "\n"))
        for _ in range(lines * 40)
    )[:LONGEST]
    assert_harmless(drawn_in_time(text, near("run-1")))
