// What the list of runs does besides its links: terms into the search box, Alt-click to exclude, widths.

const WIDEST = 1200;
const NARROWEST = 40;

document.addEventListener("click", (event) => {
  const term = event.target.closest("[data-term]");
  if (term) {
    document.getElementById("filter-menu").hidePopover();
    return document.querySelector("query-box").add(term.dataset.term);
  }
  const chip = event.target.closest("[data-edit]");
  if (chip) return document.querySelector("query-box").edit(...chip.dataset.edit.split("-").map(Number));
  const link = event.target.closest("[data-exclude]");
  if (link && event.altKey) {
    event.preventDefault();
    location.assign(link.dataset.exclude);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog[open]")) return;
  const input = document.querySelector("query-box input");
  if (!input) return;
  event.preventDefault();
  input.focus();
  input.select();
});

// A width is kept in the address, and so in the view. The page's own rules forbid it in the HTML.
function widen() {
  for (const head of document.querySelectorAll("th[data-width]")) {
    head.style.width = `${head.dataset.width}px`;
  }
}

let pulled = null;

document.addEventListener("pointerdown", (event) => {
  const head = event.target.closest?.(".table-runs th[data-column]");
  if (!head || event.button !== 0) return;
  const { right, width } = head.getBoundingClientRect();
  if (right - event.clientX > 8) return;
  event.preventDefault();
  pulled = { head, from: event.clientX, width };
});

document.addEventListener("pointermove", (event) => {
  if (!pulled) return;
  const width = Math.round(pulled.width + event.clientX - pulled.from);
  pulled.head.dataset.width = Math.min(Math.max(width, NARROWEST), WIDEST);
  widen();
});

document.addEventListener("pointerup", () => {
  if (!pulled) return;
  const { head } = pulled;
  pulled = null;
  const address = new URL(location.href);
  const heads = [...head.parentElement.querySelectorAll("th[data-column]")];
  address.searchParams.set("columns", heads.map(written).join(","));
  history.replaceState(history.state, "", address);
  document.addEventListener("click", (event) => event.preventDefault(), { capture: true, once: true });
});

function written(head) {
  const id = encodeURIComponent(head.dataset.column).replaceAll("%3A", ":").replaceAll("!", "%21");
  return head.dataset.width ? `${id}!${head.dataset.width}` : id;
}

widen();
document.addEventListener("studio:shown", widen);
