"""The query language: what it reads, writes and refuses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.actions.refused import Refused
from runs.queries import language
from runs.queries.language import parse
from runs.queries.tree import AllOf, AnyOf, Condition, Node, Not, Span, Text, Value, leaves
from studio.contract.errors import Code
from tests.queries.conftest import LEAF, trees


def word(text: str) -> Text:
    return Text(Value(text))


def quoted(text: str) -> Value:
    return Value(text, is_quoted=True)


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("", AllOf()),
        (" \n ", AllOf()),
        ("lenet", word("lenet")),
        ('"free text"', Text(quoted("free text"))),
        ("status:failed,canceled", Condition("status", (Value("failed"), Value("canceled")))),
        ("Status:failed", Condition("status", (Value("failed"),))),
        (
            'tag:quality="fantastic run"',
            Condition("tag", (Value("quality"),), "=", (quoted("fantastic run"),)),
        ),
        ('tag:"worth another look"', Condition("tag", (quoted("worth another look"),))),
        ("tag:quality=", Condition("tag", (Value("quality"),), "=")),
        ('tag:quality=""', Condition("tag", (Value("quality"),), "=", (quoted(""),))),
        ("-tag:skip", Not(Condition("tag", (Value("skip"),)))),
        ("NOT tag:skip", Not(Condition("tag", (Value("skip"),)))),
        ("--a", Not(Not(word("a")))),
        ("experiment:explore-*", Condition("experiment", (Value("explore-", is_prefix=True),))),
        ('name:"my r"*', Condition("name", (Value("my r", is_prefix=True, is_quoted=True),))),
        ('name:"a*"', Condition("name", (quoted("a*"),))),
        ("metric:loss.min<0.1", Condition("metric", (Value("loss.min"),), "<", (Value("0.1"),))),
        ("created:>-7d", Condition("created", (), ">", (Value("-7d"),))),
        ("created:2026-11-01T12:00Z", Condition("created", (Value("2026-11-01T12:00Z"),))),
        ("tag:url=a=b:c>d", Condition("tag", (Value("url"),), "=", (Value("a=b:c>d"),))),
        (r'"say \"no\" \\"', Text(quoted('say "no" \\'))),
        ("a b", AllOf((word("a"), word("b")))),
        ("a AND b", AllOf((word("a"), word("b")))),
        ("a b OR c", AnyOf((AllOf((word("a"), word("b"))), word("c")))),
        ("a (b OR c)", AllOf((word("a"), AnyOf((word("b"), word("c")))))),
        ("-(a b)", Not(AllOf((word("a"), word("b"))))),
        ("ORCA or NOTHING", AllOf((word("ORCA"), word("or"), word("NOTHING")))),
        ("wow!", word("wow!")),
    ],
)  # fmt: skip
def test_it_reads(query: str, tree: Node) -> None:
    assert parse(query) == tree
    assert parse(str(tree)) == tree


@pytest.mark.parametrize(
    ("query", "position", "words"),
    [
        ("status:", 7, "value is missing"),
        ("status: failed", 7, "value is missing"),
        ("status:failed,", 14, "value is missing"),
        ("status:,failed", 8, "a name or a value"),
        ("tag:a>", 6, "value is missing"),
        ("tag:a==b", 7, "Expected here is a value"),
        ("accuracy>0.9", 9, "a condition"),
        ("status=failed", 7, "a condition"),
        ("12:30", 3, "a condition"),
        ("größe:x", 6, "a condition"),
        ('ok "never closed', 4, "never closed"),
        ('"C:\\data"', 4, "backslash"),
        ('"a\\\\\\b"', 5, "backslash"),
        ("a - b", 3, 'A "-" stands directly'),
        ("(a b", 5, 'Expected here is ")"'),
        ("a b)", 4, "Expected here is the end"),
        ("()", 2, "a condition"),
        ("a OR", 5, "a condition"),
        ("OR", 1, "a condition"),
        ("NOT", 4, "a condition"),
        ("a(b)", 2, "A space is missing"),
        ('a"b"', 2, "A space is missing"),
        ("a*b", 2, 'A "*" stands at the end only'),
        ("tag:a=x*y", 8, 'A "*" stands at the end only'),
        ("*", 1, "empty"),
        ('a ""', 3, "empty"),
        ("a " * (language.MOST_CONDITIONS + 1), 2 * language.MOST_CONDITIONS + 1, "more than 100"),
        ("id:" + ",".join("a" * (language.MOST_CONDITIONS + 1)), 1, "more than 100"),
        ("-" * 1_999 + "a", 1_980, "more than 20 terms deep"),
        ("NOT " * 400 + "a", 1_521, "more than 20 terms deep"),
        ("(a " * 400 + "a" + ")" * 400, 1_142, "more than 20 terms deep"),
    ],
)
def test_it_refuses_and_says_where(query: str, position: int, words: str) -> None:
    with pytest.raises(Refused) as caught:
        parse(query)
    refused = caught.value
    assert (refused.code, refused.field) == (Code.BAD_REQUEST, "filter")
    assert words in refused.detail
    assert refused.extra["position"] == position
    assert f"(position {position})" in refused.detail


@pytest.mark.parametrize("query", ["a" * 2_001, "a\x00b", "\ud800"])
def test_what_no_query_can_hold_is_refused(query: str) -> None:
    with pytest.raises(Refused) as caught:
        parse(query)
    assert caught.value.field == "filter"


def test_brackets_alone_make_nothing_deep() -> None:
    assert parse("(" * 900 + "a" + ")" * 900) == word("a")


def test_every_node_knows_where_it_stands() -> None:
    query = ' -tag:"a b"=c*  (x OR is:child) created:>-7d tag:y= '
    tree = parse(query)
    assert isinstance(tree, AllOf)
    cut = [query[node.span.start : node.span.end] for node in tree.nodes]
    assert cut == ['-tag:"a b"=c*', "(x OR is:child)", "created:>-7d", "tag:y="]
    tag = next(leaves(tree))
    assert isinstance(tag, Condition)
    assert tag.span == Span(2, 14)
    assert query[tag.names[0].span.start : tag.names[0].span.end] == '"a b"'
    assert query[tag.values[0].span.start : tag.values[0].span.end] == "c*"


@settings(max_examples=300, deadline=None)
@given(trees(LEAF))
def test_what_is_written_reads_as_the_same_tree(tree: Node) -> None:
    assert parse(str(tree)) == tree


PIECES = st.lists(
    st.sampled_from([*'ab:=<>!,()"*\\- \n.7é', "AND ", "OR ", "NOT ", "tag:", "is:child", '"a"'])
)


@settings(max_examples=600, deadline=None)
@given(PIECES.map("".join) | st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = parse(text)
    except Refused as refused:
        told = refused.field, refused.extra.get("position", 1) <= len(text) + 1
    else:
        told = "filter", parse(str(tree)) == tree
    assert told == ("filter", True)
