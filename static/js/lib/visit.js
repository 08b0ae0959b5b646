// Another list at the same place is shown without leaving the page: what stands in ``main`` is taken
// from its address, and the address goes into the history. All that is no list is left to the browser.

import { refocus, watch } from "./live.js";

const PATIENCE = 300;

let asking = new AbortController();
let shown = location.pathname + location.search;

const said = document.createElement("p");
said.className = "sr";
said.role = "status";
document.body.append(said);

const main = () => document.getElementById("content");
const frame = () => main().querySelector(".grid-frame");

export async function go(address) {
  if (await visit(address)) location.assign(address);
}

// Shows the list at an address. If that is not understood it returns the element that says why, and the
// rows stay.
export async function visit(address) {
  const page = await read(address);
  if (!page) return null;
  const problem = page.querySelector(".query-problem:not([hidden])");
  if (problem) return problem;
  history.replaceState({ ...history.state, top: frame()?.scrollTop }, "");
  if (new URL(address, location.href).href === location.href) history.replaceState(null, "");
  else history.pushState(null, "", address);
  show(page);
  return null;
}

// The page at an address; null if another is asked for meanwhile, or if the browser has to go there.
async function read(address) {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  // What comes at once is not announced.
  const slow = setTimeout(() => main().setAttribute("aria-busy", "true"), PATIENCE);
  try {
    const answer = await fetch(address, { headers: { "HX-Request-Type": "full" }, signal });
    const text = await answer.text();
    if (answer.ok && !answer.redirected) return new DOMParser().parseFromString(text, "text/html");
  } catch {
    // That there is no answer is told by the browser, too.
  } finally {
    clearTimeout(slow);
    main().removeAttribute("aria-busy");
  }
  if (!signal.aborted) location.assign(address);
  return null;
}

function show(page) {
  const written = document.activeElement.id === "query" ? document.activeElement.value : null;
  const left = frame()?.scrollLeft;
  document.title = page.title;
  main().replaceChildren(...page.getElementById("content").childNodes);
  document.getElementById("toasts").prepend(...page.querySelectorAll("#toasts .toast:not(#offline)"));
  shown = location.pathname + location.search;
  watch();
  document.dispatchEvent(new Event("studio:shown"));
  said.textContent = main().querySelector(".count-total, .empty h2")?.textContent ?? "";
  refocus();
  if (written !== null) writeOn(written);
  if (document.activeElement === document.body) main().focus({ preventScroll: true });
  if (left && frame()) frame().scrollLeft = left;
}

// Who writes on while the answer is on its way loses nothing.
function writeOn(written) {
  const box = document.getElementById("query");
  if (!box) return;
  if (written !== new URLSearchParams(location.search).get("filter")) box.value = written;
  box.setSelectionRange(box.value.length, box.value.length);
  box.closest("query-box").rest();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("main a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const isList = link.origin === location.origin && link.pathname === location.pathname && link.search && !link.hash;
  if (!isList || link.hasAttribute("download") || link.target) return;
  event.preventDefault();
  go(link.href);
});

addEventListener("popstate", async ({ state }) => {
  if (location.pathname + location.search === shown) return;
  const page = await read(location.href);
  if (!page) return;
  show(page);
  if (frame()) frame().scrollTop = state?.top ?? 0;
});
