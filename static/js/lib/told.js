// What is the same for hundreds of cells is not said in each: it is said where somebody points.

const shown = (time) => time.dateTime.replace("T", " ").replace("Z", " UTC");

function label(cell) {
  const head = cell.closest("table").querySelector("thead tr").children[cell.cellIndex];
  return head?.textContent.trim() ?? "";
}

function told(element) {
  if (element.matches("time[data-ago]")) return shown(element);
  if (element.matches("a.chip")) {
    const text = [...element.children].map((part) => part.textContent).join(": ");
    return `Only runs with ${text} (Alt-click: only runs without)`;
  }
  if (element.matches(".sort")) return `${element.href ? "Sort by " : ""}${element.textContent.trim()}`;
  const isCut = element.scrollWidth > element.clientWidth;
  const text = isCut ? element.textContent.trim() : "";
  if (!element.matches("a.only")) return text;
  const what = `Only runs with the same ${label(element.closest("td"))}`;
  return text ? `${text} – ${what}` : what;
}

for (const kind of ["mouseover", "focusin"]) {
  document.addEventListener(kind, (event) => {
    const element = event.target.closest?.(
      "time[data-ago], .table-runs :is(a.chip, a.only, .sort, a.name, .id, .cell-text > span)",
    );
    if (!element || element.title) return;
    const text = told(element);
    if (text) element.title = text;
  });
}
