"""Searching a log from its page: the next, all of them, how many, and what is told in the way of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from runs.access import Actor
from runs.models import LogFile, Run
from tests.pages.conftest import LOG, print_to
from tests.pages.test_logs import MANY, client, numbered, page

__all__ = ["client", "page"]


def seek(client: Client, page: str, **asked: str | int) -> dict[str, Any]:
    answer = client.get(f"{page}search/", {"file": LOG, **asked})
    assert answer.status_code == 200
    told: dict[str, Any] = json.loads(answer.content)
    return told


def test_a_search_finds_lines_near_the_start_and_the_end(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, numbered(MANY))
    for line in (2, 30_000, MANY):
        told = seek(client, page, text=f"LINE {line:06}", limit=1)
        assert [hit["line"] for hit in told["hits"]] == [line]
        back = seek(client, page, text=f"{line:06}", back="", limit=1)
        assert [hit["line"] for hit in back["hits"]] == [line]
    assert seek(client, page, text=f"LINE {2:06}", case="")["hits"] == []


def test_a_count_is_that_of_all_lines(client: Client, page: str, run: Run, by: Actor) -> None:
    print_to(run, by, numbered(MANY))
    told = seek(client, page, text="9", limit=0)
    assert told["hits"] == []
    assert told["complete"] is True
    assert told["count"] == sum("9" in str(n) for n in range(1, MANY + 1))
    part = seek(client, page, text="9", limit=0, first=100, last=200)
    assert part["count"] == sum("9" in str(n) for n in range(100, 201))


def test_a_search_goes_on_where_the_log_does(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, b"a needle\nno\nneedle wi")
    told = seek(client, page, text="needle", limit=0)
    assert (told["count"], told["rest"], told["next"]) == (1, 1, 3)
    print_to(run, by, b"th an end\nneedle\n")
    more = seek(client, page, text="needle", limit=0, first=told["next"])
    assert (more["count"], more["rest"], more["next"]) == (2, 0, 5)


def test_places_are_those_of_what_is_shown(client: Client, page: str, run: Run, by: Actor) -> None:
    print_to(run, by, "\U0001f600 \x1b[31mneed\x1b[0mle\n1 needle\r2 needle\n".encode())
    hits = seek(client, page, text="needle")["hits"]
    # A browser counts the face as two.
    assert [(hit["line"], hit["spans"]) for hit in hits] == [(1, [[3, 9]]), (2, [[2, 8]])]


def test_an_expression_is_looked_for(client: Client, page: str, run: Run, by: Actor) -> None:
    print_to(run, by, b"loss: 0.25\nLoss: 1.5\nacc: 0.9\nno end loss: 0.7")
    asked = {"text": r"^.*loss: \d\.\d+$", "regex": ""}
    assert [hit["line"] for hit in seek(client, page, **asked)["hits"]] == [1, 2, 4]
    assert [hit["line"] for hit in seek(client, page, **asked, case="")["hits"]] == [1, 4]
    assert [hit["line"] for hit in seek(client, page, **asked, back="", limit=2)["hits"]] == [4, 2]


def test_letters_of_every_alphabet_have_a_case(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, "GRÜSSE\n".encode())
    assert seek(client, page, text="grüsse")["hits"][0]["spans"] == [[0, 6]]
    assert seek(client, page, text="grüsse", case="")["hits"] == []


def test_an_expression_that_takes_for_ever_is_stopped(
    client: Client, page: str, run: Run, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.queries.log_search.SECONDS", 0.1)
    monkeypatch.setattr("runs.stores.apart._GRACE_SECONDS", 0.5)
    print_to(run, by, b"a" * 60 + b"\n")
    assert "takes too long" in seek(client, page, text="(a+)+$b", regex="")["refused"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"text": "(", "regex": ""}, "no regular expression: missing ), unterminated subpattern"),
        ({"text": "a{99999999999}", "regex": ""}, "no regular expression"),
        ({"text": ""}, "The text is missing."),
        ({"text": "a\nb"}, "one line at a time"),
        ({"text": "x" * 501}, "501 characters"),
        ({"text": "x", "errors": ""}, "without a text"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_told(
    client: Client, page: str, run: Run, by: Actor, asked: dict[str, str], said: str
) -> None:
    print_to(run, by, b"one\n")
    assert said in seek(client, page, **asked)["refused"]


def test_errors_are_found_without_a_text(client: Client, page: str, run: Run, by: Actor) -> None:
    print_to(run, by, b"fine\nTraceback (most recent call last):\n  x\nValueError: no\nfine\n")
    assert [hit["line"] for hit in seek(client, page, errors="")["hits"]] == [2, 4]


def test_a_log_whose_bytes_are_gone_has_nothing_to_find(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, numbered(MANY))
    LogFile.objects.update(path="user_logs/other.txt")
    answer = client.get(f"{page}search/", {"file": "user_logs/other.txt", "text": "x"})
    assert json.loads(answer.content)["complete"] is True
