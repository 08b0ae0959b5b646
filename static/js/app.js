// Small modules, one idea each; none of them is needed to read a page.
import "./lib/live.js";
import "./lib/times.js";
import "./lib/phases.js";
import "./lib/clicks.js";
import "./lib/list-keys.js";
import "./lib/run-list.js";
import "./lib/address.js";
import "./lib/grid-columns.js";
import "./lib/run-tree.js";
import "./lib/told.js";
import "./elements/go-to.js";
import "./elements/query-box.js";
import "./elements/run-selection.js";
import "./elements/column-chooser.js";
import "./elements/chart-strip.js";
import "./elements/fold-box.js";
import "./elements/description-card.js";
import "./elements/compare-page.js";
import "./elements/run-picker.js";
import "./elements/tag-editor.js";

// The boards of a run's tabs are fetched by those pages alone.
if (document.querySelector("metric-board")) import("./elements/metric-board.js");
if (document.querySelector("[data-finds]")) import("./lib/find-file.js");
if (document.querySelector("log-view")) {
  import("./elements/log-view.js").then(() => import("./elements/log-search.js"));
}
if (document.querySelector("image-board")) import("./elements/image-board.js");
