// What the form of an alert does besides being one.
import "./elements/query-box.js";
import "./lib/alert-preview.js";
