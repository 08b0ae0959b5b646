"""What All runs weighs and how soon it is there, in Chromium with an empty cache: ``--json`` for one object.

Runs come from ``bench_data``. The limits of the house: first row under 400 ms, under 150 kB over the
wire, a filter applied in under 150 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from tests.acceptance.studio_process import ROOT, StudioProcess, wait_for
from tests.e2e.conftest import sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = "/usr/bin/chromium"
FILTER = "tag:team=vision"
# The browser itself says when a text that asks for it was on the screen (Element Timing); to ask from
# here would add the way there and back. Times are of the clock, so that they hold from page to page.
_PROBE = """(() => {
  const now = (at) => performance.timeOrigin + at;
  const ask = (row, name) => row && !window[name] && row.setAttribute("elementtiming", name);
  new PerformanceObserver((list) => {
    for (const { identifier, renderTime } of list.getEntries()) window[identifier] ??= now(renderTime);
  }).observe({ type: "element", buffered: true });
  new MutationObserver(() => {
    const row = document.querySelector(".table-runs tbody a.name");
    ask(row, document.querySelector(".filters .filter") ? "filtered" : "painted");
  }).observe(document, { childList: true, subtree: true });
  document.addEventListener("keydown", ({ key, timeStamp }) => {
    if (key === "Enter") sessionStorage.setItem("entered", now(timeStamp));
  }, true);
})()"""
_FIRST_ROW = "() => window.painted && window.painted - performance.timeOrigin"
_FILTERED = "() => window.filtered && window.filtered - sessionStorage.getItem('entered')"
_QUIET_MS = 1_500
_LONGEST = 60.0
LIMITS = {"first_row_ms": 400, "wire_kb": 150, "filter_ms": 150}


def main() -> None:
    """Fill a studio, start it, measure its page, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--folder", default=Path(tempfile.gettempdir(), "page-weight-benchmark"))
    parser.add_argument("--json", action="store_true", help="print one object instead of a table")
    asked = parser.parse_args()
    studio = StudioProcess(_filled(Path(asked.folder), asked.runs))
    studio.start()
    try:
        found = _measured(studio, asked.times)
    finally:
        studio.stop()
    print(json.dumps({"runs": asked.runs, **found}) if asked.json else _table(found, asked.runs))


def _filled(folder: Path, runs: int) -> Path:
    place = folder / str(runs) / "var"
    if not (place / "filled").exists():
        place.mkdir(parents=True, exist_ok=True)
        surroundings = {**os.environ, "STUDIO_DATA_DIR": str(place)}
        for command in (["migrate", "-v0"], ["bench_data", "--runs", str(runs)]):
            subprocess.run(
                [sys.executable, str(ROOT / "manage.py"), *command],
                env=surroundings, check=True, stdout=sys.stderr,
            )  # fmt: skip
        (place / "filled").touch()
    return place


def _measured(studio: StudioProcess, times: int) -> dict[str, Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        first = browser.new_context()
        sign_in(first.new_page(), studio.sign_in_link())
        signed_in: Any = first.storage_state()
        first.close()
        rounds = [_round(browser, signed_in, studio) for _ in range(times)]
        browser.close()
    medians = {name: statistics.median(each[name] for each in rounds) for name in LIMITS}
    return {**medians, "requests": rounds[-1]["requests"], "kb_by_type": rounds[-1]["kb_by_type"]}


def _round(browser: Browser, signed_in: Any, studio: StudioProcess) -> dict[str, Any]:
    """Measure once, in a context that has nothing but the sign-in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=signed_in)
    context.add_init_script(_PROBE)
    page = context.new_page()
    sizes, kinds = _listen(context, page)
    page.goto(f"{studio.url}/w/main/runs/?view=default", wait_until="commit")
    first_row = _told(page, _FIRST_ROW)
    # What the page fetches by itself afterwards counts as well.
    page.wait_for_timeout(_QUIET_MS)
    by_type: Counter[str] = Counter()
    for request, size in sizes.items():
        by_type[kinds.get(request, "Other")] += size
    told = {
        "first_row_ms": first_row,
        "wire_kb": sum(by_type.values()) / 1_000,
        "requests": len(sizes),
        "kb_by_type": {kind: round(size / 1_000, 1) for kind, size in by_type.items()},
        "filter_ms": _filter(page),
    }
    context.close()
    return told


def _listen(context: BrowserContext, page: Page) -> tuple[dict[str, int], dict[str, str]]:
    """Return the bytes over the wire and the kind of each request, as they come in."""
    sizes: dict[str, int] = {}
    kinds: dict[str, str] = {}
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on(
        "Network.responseReceived", lambda told: kinds.__setitem__(told["requestId"], told["type"])
    )
    wire.on(
        "Network.loadingFinished",
        lambda told: sizes.__setitem__(told["requestId"], int(told["encodedDataLength"])),
    )
    return sizes, kinds


def _filter(page: Page) -> float:
    """Return the milliseconds from Enter in the box until a row that matches is on the screen."""
    page.locator("#query").fill(FILTER)
    page.locator("#query").press("Escape")
    page.locator("#query").press("Enter")
    return _told(page, _FILTERED)


def _told(page: Page, what: str) -> float:
    """Return what the probe has written down, as soon as it has."""
    return wait_for(lambda: float(page.evaluate(what) or 0), seconds=_LONGEST, what=what)


def _table(found: dict[str, Any], runs: int) -> str:
    lines = [f"All runs with {runs:,} runs, cold; medians"]
    for name, limit in LIMITS.items():
        ratio = found[name] / limit
        lines.append(f"{name:16}{found[name]:10.1f}   limit {limit:4}   {ratio:.2f} of it")
    kinds = ", ".join(f"{kind} {kb}" for kind, kb in found["kb_by_type"].items())
    return "\n".join([*lines, f"{found['requests']} requests; kB by type: {kinds}"])


if __name__ == "__main__":
    main()
