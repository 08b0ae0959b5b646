// All that the list of runs does besides its links.
import "./lib/address.js";
import "./lib/grid-columns.js";
import "./lib/run-tree.js";
import "./lib/list-keys.js";
import "./lib/run-list.js";
import "./elements/query-box.js";
import "./elements/run-selection.js";
import "./elements/column-chooser.js";
import "./elements/chart-strip.js";
