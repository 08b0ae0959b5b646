// j and k go down and up the list of runs, Enter opens as on any link, x, t and c work on what is selected.

const isTyping = (element) => element.closest("input:not([type=checkbox]), textarea, select, dialog[open]");

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  x: () => document.activeElement.closest("tr")?.querySelector("input[data-select]")?.click(),
  t: () => document.querySelector("run-selection:not([hidden]) [data-do=tag]")?.click(),
  c: () => document.querySelector("run-selection:not([hidden]) [data-compare]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  KEYS[event.key]?.();
});

function step(by) {
  const names = [...document.querySelectorAll(".table-runs a.name")];
  if (!names.length) return;
  // From anywhere in a row one goes on from its name.
  const row = document.activeElement.closest(".table-runs tbody tr");
  const here = names.indexOf(row?.querySelector("a.name"));
  const next = here < 0 ? (by > 0 ? 0 : names.length - 1) : here + by;
  names[Math.max(0, Math.min(next, names.length - 1))].focus();
}
