"""Where to ask one of two workspaces for all that it has."""

from __future__ import annotations

import re
from urllib.parse import quote

from tests.access.twins import LOG, METRIC, RUN, TABLE, Twin, chart

_PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\([^)]*\)|[^)])+\)|\{(?:path:)?(\w+)\}")
# What is asked besides, so that each page has something to show. {start} is how a secret begins.
QUERIES: dict[str, list[str]] = {
    "w/<str:ws>/runs/": [
        "view=default&children=true&columns=name,tag:where,param:note,metric:loss,property:author",
        "filter=log:{start}",
        "filter={start}",
        "filter=tag:where",
        "group=tag:where",
        "group=experiment",
        "view={slug}",
        "charts=%5B" + quote(chart()) + "%5D",
        "differ=true",
    ],
    "w/<str:ws>/complete/": [
        "filter=tag:where%3D", "filter=tag:", "filter=metric:", "filter=param:", "filter=property:",
        "filter=experiment:", "filter={start}", "filter=submitter:", "filter=param:note%3D",
    ],
    "w/<str:ws>/find/": ["text={start}", "text=same", "kind=run", "kind=run&text={start}"],
    "w/<str:ws>/chart-data/": [f"chart={quote(chart())}", f"chart={quote(chart())}&runs=same,other"],
    "w/<str:ws>/compare/": ["runs=same,other,child", "runs=same,only-{word}"],
    "w/<str:ws>/compare/diff/": ["runs=same,only-{word}&file=train.py", "runs=same,other&file=outputs/a.txt"],
    "w/<str:ws>/compare/logs/": ["runs=same,other"],
    "w/<str:ws>/export/": [
        f"format={kind}&columns=id,name,tag:where,param:note,metric:loss"
        for kind in ("csv", "json", "ndjson", "parquet")
    ],
    "w/<str:ws>/alerts/preview/": ["name=a&kind=status&statuses=Failed&channel=email"],
    "w/<str:ws>/runs/<str:run_id>/description/complete/": ["text={start}", "text=same", "text="],
    "w/<str:ws>/runs/<str:run_id>/metrics/points/": [f"name={METRIC}"],
    "w/<str:ws>/runs/<str:run_id>/metrics/rows/": [f"name={METRIC}"],
    "w/<str:ws>/runs/<str:run_id>/metrics/drawing/": [f"name={TABLE}"],
    "w/<str:ws>/runs/<str:run_id>/metrics/csv/": [f"name={METRIC}"],
    "w/<str:ws>/runs/<str:run_id>/logs/lines/": [f"file={LOG}&from=1"],
    "w/<str:ws>/runs/<str:run_id>/logs/search/": [f"file={LOG}&text=err"],
    "w/<str:ws>/runs/<str:run_id>/code/": ["with=other", "find=train&all=1"],
    "/workspaces/{ws}/runs": [
        "filter=log:{start}", "filter={start}", "includeChildren=true", "experiment=same-experiment",
        "view={slug}",
    ],
    "/workspaces/{ws}/compare": ["runs=same,other", "runs=same,only-{word}"],
    "/workspaces/{ws}/export": [
        f"format={kind}&columns=id,name,tag:where,param:note,metric:loss"
        for kind in ("csv", "json", "ndjson", "parquet")
    ],
    "/workspaces/{ws}/runs/{run_id}/logs/lines": [f"path={LOG}"],
    "/workspaces/{ws}/runs/{run_id}/logs/search": [f"path={LOG}&text=err"],
    "/workspaces/{ws}/runs/{run_id}/receipts": ["session=s"],
}  # fmt: skip
FORMATS = ("json", "ndjson", "csv", "parquet", "atom")


def filled(place: str, twin: Twin, of: Twin) -> list[str]:
    """Return addresses inside the workspace of ``twin`` with the ids of ``of``."""
    is_alert, is_task = "alerts/" in place, "tasks/" in place
    parts = {
        **of.ids,
        "ws": twin.workspace.name,
        "run_id": RUN,
        "username": f"sam-{of.secret.word}",
        "path": "train.py" if "code/" in place else LOG if "/logs/" in place else "outputs/a.txt",
        "name": METRIC if "/points" in place else "a.txt" if "attachments" in place else "",
        "target": "studio-local",
        "tab": "nowhere",
        "secret": "x" * 43,
        "token": "x" * 43,
    }
    parts["number"] = of.ids["alert" if is_alert else "task" if is_task else "number"]
    parts["name"] = parts["name"] or ("list" if "help" in place else "same-experiment")
    found = []
    for kind in FORMATS if "<format>" in place else ("csv",):
        told = _PART.sub(lambda p: {**parts, "format": kind}[p[1] or p[2] or p[3]], place)  # noqa: B023
        found.append("/" + told.strip("^$/").replace("\\", "") + ("/" if place[-1:] == "/" else ""))
    secret = of.secret.word
    given = {"start": secret[:-3], "word": secret, "slug": of.ids["slug"]}
    queries = [
        re.sub(r"\{(\w+)\}", lambda part: given[part[1]], query) for query in QUERIES.get(place, [])
    ]
    return [*found, *(f"{each}?{query}" for each in found for query in queries)]
