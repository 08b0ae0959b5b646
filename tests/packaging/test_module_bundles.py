"""Modules in one piece: the same work in the same order, once."""

from __future__ import annotations

import pytest

from runs.module_bundles import bundled

HALL = {
    "js/app.js": 'import "./lib/live.js";\n',
    "js/lib/live.js": "export const before = [];\nexport async function ask() {}\n",
    "js/list.js": 'import { visit } from "./lib/visit.js";\nvisit();\n',
    "js/lib/visit.js": (
        'import { ask, before } from "./live.js";\nimport { light } from "../charts/lit.js";\n'
        'export function visit() {\n  return import("../charts/lines.js");\n}\n'
    ),
    "js/charts/lit.js": "export function light() {}\n",
    "js/charts/lines.js": 'import { light } from "./lit.js";\nlight();\n',
}
ENTRIES = ("js/app.js", "js/list.js")


def test_an_entry_holds_what_only_it_reaches_and_knows_the_rest_by_name() -> None:
    assert bundled(HALL, ENTRIES)["js/list.js"] == (
        'import * as x0 from "./app.js";\n'
        'import * as x1 from "./charts/lit.js";\n'
        "// js/lib/visit.js\nconst m0 = {};\n{\n"
        "const { ask, before } = x0.m0;\nconst { light } = x1;\n"
        'function visit() {\n  return import("./charts/lines.js");\n}\n'
        "Object.assign(m0, { visit });\n}\n"
        "// js/list.js\n{\nconst { visit } = m0;\nvisit();\n}\n"
        "export { m0 };\n"
    )


def test_who_asks_for_a_module_alone_gets_the_one_that_runs_already() -> None:
    found = bundled(HALL, ENTRIES)
    assert found["js/lib/live.js"] == (
        'import { m0 } from "../app.js";\nexport const { before, ask } = m0;\n'
    )
    assert "js/charts/lit.js" not in found


@pytest.mark.parametrize(
    "line", ['import * as all from "./live.js";', "export let count = 0;", "export { a };"]
)
def test_a_line_that_it_does_not_understand_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"js/lib/visit\.js"):
        bundled({**HALL, "js/lib/visit.js": f"{line}\nexport function visit() {{}}\n"}, ENTRIES)
