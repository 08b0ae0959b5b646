"""What is attached to a description, by the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.models import Attachment, Run, User
from studio.contract import limits
from tests.api.conftest import Call
from tests.conftest import MakeRun
from tests.pages.editor import PNG

Api = Callable[..., Call]


def place(run: Run, more: str = "") -> str:
    return f"/workspaces/main/runs/{run.run_id}/attachments{more}"


def test_a_picture_is_attached_listed_and_fetched(
    api: Api, bob: User, rita: User, run: Run
) -> None:
    answer = api(bob)("POST", place(run, "?name=plot.png"), PNG)
    told = answer.json()  # type: ignore[attr-defined]
    assert (answer.status_code, told["markdown"]) == (201, "![plot.png](attachments/plot.png)")
    listed = api(rita)("GET", place(run)).json()["items"]  # type: ignore[attr-defined]
    assert listed == [told]
    got = api(rita)("GET", place(run, "/plot.png"))
    assert b"".join(got) == PNG
    assert got["Content-Type"] == "application/octet-stream"
    assert got["Content-Disposition"].startswith("attachment")
    assert got["X-Content-Type-Options"] == "nosniff"


def test_the_same_bytes_again_are_the_same_attachment(api: Api, bob: User, run: Run) -> None:
    call = api(bob)
    statuses = [call("POST", place(run, "?name=a.txt"), b"same").status_code for _ in range(2)]
    other = call("POST", place(run, "?name=a.txt"), b"other")
    assert statuses == [201, 200]
    assert other.json()["name"] == "a-2.txt"  # type: ignore[attr-defined]
    assert Attachment.objects.count() == 2


@pytest.mark.parametrize(
    ("query", "body", "status", "field"),
    [
        ("", b"x", 400, "name"),
        ("?name=a.svg", b"<svg/>", 400, "name"),
        ("?name=%00.txt", b"x", 400, "name"),
        ("?name=a.png", b"<svg/>", 400, "file"),
        ("?name=a.txt", b"", 400, "file"),
        ("?name=a.txt", b"x" * (limits.ATTACHMENT_BYTES + 1), 413, None),
        ("?name=../../etc/passwd.txt", b"x", 201, None),
        (f"?name={'x' * 3000}.txt", b"x", 201, None),
    ],
)
def test_bad_files_are_told_by_their_field(
    api: Api, bob: User, run: Run, query: str, body: bytes, status: int, field: str | None
) -> None:
    answer = api(bob)("POST", place(run, query), body)
    assert answer.status_code == status
    assert answer.json().get("field") == field  # type: ignore[attr-defined]
    for attachment in Attachment.objects.all():
        assert "/" not in attachment.name
        assert len(attachment.name) <= limits.ATTACHMENT_NAME


def test_an_attachment_of_another_run_is_not_found(
    api: Api, bob: User, charlie: User, run: Run, make_run: MakeRun
) -> None:
    api(bob)("POST", place(run, "?name=a.txt"), b"x")
    assert api(bob)("GET", place(make_run(), "/a.txt")).status_code == 404
    assert api(charlie)("GET", place(run, "/a.txt")).status_code == 404
    assert api(charlie)("GET", place(run)).status_code == 404


def test_a_reader_attaches_nothing(api: Api, rita: User, run: Run) -> None:
    assert api(rita)("POST", place(run, "?name=a.txt"), b"x").status_code == 403
    assert not Attachment.objects.exists()


def test_a_list_asks_a_fixed_number_of_questions(api: Api, bob: User, run: Run) -> None:
    call = api(bob)

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            call("GET", place(run))
        return len(caught)

    call("POST", place(run, "?name=0.txt"), b"0")
    asked()
    few = asked()
    for n in range(1, 9):
        call("POST", place(run, f"?name={n}.txt"), str(n).encode())
    assert asked() == few
