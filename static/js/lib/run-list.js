// What the list of runs does besides its links: terms into the search box, Alt-click to exclude.

import { go } from "./visit.js";

document.addEventListener("click", (event) => {
  const term = event.target.closest("[data-term]");
  if (term) {
    document.getElementById("filter-menu").hidePopover();
    return document.querySelector("query-box").add(term.dataset.term);
  }
  const chip = event.target.closest("[data-edit]");
  if (chip) return document.querySelector("query-box").edit(...chip.dataset.edit.split("-").map(Number));
  const link = event.target.closest(".table-runs a.chip");
  if (link && event.altKey) {
    event.preventDefault();
    go(without(link));
  }
});

// The link adds a term to the query of the list; with a dash before it, it leaves those runs out.
function without(link) {
  const address = new URL(link.href);
  const { filter } = link.closest("table").dataset;
  const term = address.searchParams.get("filter")?.slice(filter.length).trim();
  if (term) address.searchParams.set("filter", `${filter} -${term}`.trim());
  return address;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog[open]")) return;
  const input = document.querySelector("query-box input");
  if (!input) return;
  event.preventDefault();
  input.focus();
  input.select();
});
