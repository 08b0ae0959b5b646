// j and k go down and up the list of runs, Enter opens as on any link.

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog[open]")) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const names = [...document.querySelectorAll(".table-runs a.name")];
  if (!names.length) return;
  const here = names.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : names.length - 1) : here + step;
  names[Math.max(0, Math.min(next, names.length - 1))].focus();
});
