// What every page has. None of it is needed to read a page; what only some have they name themselves.
import "./lib/live.js";
import "./lib/times.js";
import "./lib/clicks.js";
import "./lib/told.js";
import "./lib/fill.js";
import "./elements/go-to.js";
