// Small modules, one idea each; none of them is needed to read a page.
import "./lib/live.js";
import "./lib/times.js";
import "./lib/clicks.js";

// What only some pages have is fetched by those alone, also when it comes to a page later.
const PARTS = {
  "#palette": () => import("./elements/go-to.js"),
  "#runs": () => Promise.all([import("./lib/list-keys.js"), import("./lib/run-list.js")]),
  "query-box": () => import("./elements/query-box.js"),
  "run-selection": () => import("./elements/run-selection.js"),
  "column-chooser": () => import("./elements/column-chooser.js"),
  "chart-strip": () => import("./elements/chart-strip.js"),
  "[data-share]": () => import("./lib/phases.js"),
  "fold-box": () => import("./elements/fold-box.js"),
  "description-card": () => import("./elements/description-card.js"),
  "tag-editor": () => import("./elements/tag-editor.js"),
  "compare-page": () => import("./elements/compare-page.js"),
  "run-picker": () => import("./elements/run-picker.js"),
  "metric-board": () => import("./elements/metric-board.js"),
  "image-board": () => import("./elements/image-board.js"),
  "log-view": () => import("./elements/log-view.js").then(() => import("./elements/log-search.js")),
};

function fetchParts() {
  for (const [selector, load] of Object.entries(PARTS)) {
    if (!document.querySelector(selector)) continue;
    delete PARTS[selector];
    load();
  }
}

fetchParts();
document.addEventListener("studio:shown", fetchParts);
