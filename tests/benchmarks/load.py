"""What people and scripts do to a studio at the same time, and what they saw of it."""

from __future__ import annotations

import json
import multiprocessing
import random
import re
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import urllib3

from tests.acceptance.studio_process import TOKEN
from tests.benchmarks.writers import write

_EXPERIMENTS = 5
_LOOKED_AT = 20
# How long a person looks at a page before the next, in seconds; meanwhile it asks for news.
_LOOKS_FOR = (4.0, 12.0)
_NEWS_EVERY = 2.0
_CHANGED = re.compile(r'data-changed="([^"]+)"')
_CHART = json.dumps([{"kind": "line", "metric": "loss"}])


@dataclass
class Seen:
    """What was done, how many seconds each kind of answer took, and what should not have been."""

    done: Counter[str] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Seen) -> None:
        """Take over what somebody else saw."""
        self.done += other.done
        self.wrong += other.wrong
        for kind, times in other.times.items():
            self.times[kind] += times


@dataclass(frozen=True)
class Load:
    """A studio, the link that signs a browser in, and for how many seconds it is used."""

    url: str
    link: str
    seconds: float

    def carry(self, *, writers: int, readers: int) -> Seen:
        """Let them all work until the time is over."""
        # Readers must not wait for each other's writers: these have an interpreter of their own.
        fresh = multiprocessing.get_context("spawn")
        results: multiprocessing.queues.Queue[Any] = fresh.Queue()
        process = fresh.Process(target=write, args=(self.url, self.seconds, writers, results))
        process.start()
        until = time.monotonic() + self.seconds
        cookies = signed_in(self.url, self.link)
        seen = Seen()
        with ThreadPoolExecutor(readers) as pool:
            for each in pool.map(
                lambda seed: Reader(self.url, cookies, seed).read(until), range(readers)
            ):
                seen.add(each)
        done, wrong = results.get(timeout=300)
        process.join(30)
        seen.add(Seen(done=Counter(done), wrong=wrong))
        return seen


def signed_in(url: str, link: str) -> str:
    """Return the cookies of a browser that has opened the link."""
    http = urllib3.PoolManager(retries=False)
    form = http.request("GET", link)
    found = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', form.data)
    assert found is not None, form.data[:500]
    first = _cookies(form)
    answer = http.request(
        "POST",
        link,
        fields={"csrfmiddlewaretoken": found[1].decode()},
        encode_multipart=False,
        headers={"Cookie": first, "Origin": url},
        redirect=False,
    )
    assert answer.status == 302, (answer.status, answer.data[:500])
    return _cookies(answer)


def _cookies(answer: urllib3.BaseHTTPResponse) -> str:
    return "; ".join(each.split(";")[0] for each in answer.headers.getlist("Set-Cookie"))


class Reader:
    """A person who opens one page after the other, and the page that asks for news meanwhile."""

    def __init__(self, url: str, cookies: str, seed: int) -> None:
        self._url = url
        self._cookies = cookies
        self._chance = random.Random(seed)
        self._http = urllib3.PoolManager(retries=False, timeout=60)
        self._runs: list[str] = []
        self.seen = Seen()

    def read(self, until: float) -> Seen:
        """Look at pages until the time is over."""
        # Not all at the same moment.
        time.sleep(self._chance.uniform(0, min(_LOOKS_FOR[1], until - time.monotonic())))
        self._look_for_runs()
        while time.monotonic() < until:
            kind, path = self._next()
            text = self._ask(kind, path)
            end = min(until, time.monotonic() + self._chance.uniform(*_LOOKS_FOR))
            self._follow(path, text, end)
        return self.seen

    def _follow(self, path: str, text: str, end: float) -> None:
        """Ask for news, as pages with data-live do, until the time is over."""
        known = _CHANGED.search(text)
        is_live, joint = "data-live" in text, "&" if "?" in path else "?"
        while time.monotonic() < end:
            time.sleep(max(0.0, min(_NEWS_EVERY, end - time.monotonic())))
            if is_live and known is not None:
                told = self._ask("news", f"{path}{joint}since={known[1]}", partial=True)
                known = _CHANGED.search(told) or known

    def _look_for_runs(self) -> None:
        text = self._ask("api list", f"/api/v1/workspaces/main/runs?limit={_LOOKED_AT}")
        self._runs = [each["runId"] for each in json.loads(text or '{"items": []}')["items"]]

    def _next(self) -> tuple[str, str]:
        pages = ["list", "list sorted", "list filtered", "list charted", "experiments", "api list"]
        if len(self._runs) > 1:
            pages += ["run", "run metrics", "run log", "compare", "api points", "run history"]
        kind = self._chance.choice(pages)
        if kind == "api list":
            self._look_for_runs()
            kind = "list"
        one, other = self._chance.choices(self._runs or ["none"], k=2)
        run = f"/w/main/runs/{one}"
        experiment = self._chance.randrange(_EXPERIMENTS)
        return kind, {
            "list": "/w/main/runs/?view=default",
            "list sorted": "/w/main/runs/?view=default&sort=-metric:loss",
            "list filtered": f"/w/main/runs/?filter=experiment:soak-{experiment}+metric:loss<0.5",
            "list charted": f"/w/main/runs/?view=default&charts={_CHART}",
            "experiments": "/w/main/experiments/",
            "run": f"{run}/",
            "run metrics": f"{run}/metrics/",
            "run log": f"{run}/logs/",
            "run history": f"{run}/history/",
            "compare": f"/w/main/compare/?runs={one},{other}",
            "api points": f"/api/v1/workspaces/main/runs/{one}/metrics/loss/points?most=500",
        }[kind]

    def _ask(self, kind: str, path: str, *, partial: bool = False) -> str:
        headers = {"Accept-Encoding": "gzip"}
        if path.startswith("/api/"):
            headers["Authorization"] = f"Bearer {TOKEN}"
        else:
            headers["Cookie"] = self._cookies
        if partial:
            headers["HX-Request"] = "true"
        began = time.monotonic()
        try:
            answer = self._http.request("GET", self._url + path, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            self.seen.wrong.append(f"{kind}: {error}")
            return ""
        self.seen.times[kind].append(time.monotonic() - began)
        self.seen.done["looks"] += 1
        expected = (200, 204) if partial else (200,)
        # A run may have no such metric yet.
        if answer.status not in expected and (kind, answer.status) != ("api points", 404):
            self.seen.wrong.append(f"{kind} {path}: {answer.status} {answer.data[:200]!r}")
            return ""
        return answer.data.decode()
