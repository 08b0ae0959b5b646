"""The Images tab: a gallery by name and step."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.actions.metrics import Row
from runs.models import Run, User
from studio.contract.words import MetricKind
from tests.pages.conftest import Browser, Log


def test_images_are_shown_by_name_with_their_steps(
    browser: Browser, rita: User, charlie: User, run: Run, log: Log
) -> None:
    address = f"/w/main/runs/{run.run_id}/images/"
    assert "run.log_image(" in browser(rita).get(address).content.decode()
    for n in range(3):
        log(Row("a <b>", f"a_{n}.png", MetricKind.IMAGE, step=n * 10))
    log(Row("drawn", "d.svg", MetricKind.IMAGE))
    html = browser(rita).get(address).content.decode()
    assert 'alt="a &lt;b&gt;, step 20, the last of 3"' in html
    assert f"/w/main/runs/{run.run_id}/files/a_2.png?show" in html
    assert 'loading="lazy"' in html
    assert "d.svg is no image that is shown here" in html
    assert "files/d.svg?show" not in html
    assert browser(charlie).get(address).status_code == 404


def test_a_gallery_of_many_names_takes_as_many_queries(
    browser: Browser, rita: User, run: Run, log: Log
) -> None:
    counts = []
    for start, stop in ((0, 2), (2, 210)):
        log(*[Row(f"image {n}", f"{n}.png", MetricKind.IMAGE) for n in range(start, stop)])
        with CaptureQueriesContext(connection) as queries:
            html = browser(rita).get(f"/w/main/runs/{run.run_id}/images/").content.decode()
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1
    assert "10 more names are not shown" in html
