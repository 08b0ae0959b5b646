// Small modules, one idea each; none of them is needed to read a page.
import "./lib/live.js";
import "./lib/times.js";
import "./lib/clicks.js";
import "./lib/list-keys.js";
import "./elements/log-view.js";
