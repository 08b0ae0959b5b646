// Child runs in place: a row that has some opens, and what is open stays so when the list is drawn anew.

import { before, refocus } from "./live.js";

const PAGE = 50;
const MOST = 1000;

// By the id of a row that is open: how many rows below it are wanted.
const open = new Map();
const growing = new Set();

const level = (row) => Number(row.dataset.level ?? 0);
const twig = (row) => row.querySelector(".twig");
const isDrawn = (row) => twig(row)?.getAttribute("aria-expanded") === "true";

function below(row) {
  const found = [];
  let next = row.nextElementSibling;
  for (; next && !next.matches(".group") && level(next) > level(row); next = next.nextElementSibling) found.push(next);
  return found;
}

function above(row) {
  let found = row.previousElementSibling;
  while (found && level(found) >= level(row)) found = found.previousElementSibling;
  return found;
}

async function ask(row, table, after = "") {
  const address = new URL(`${row.querySelector("a.name").href}rows/`);
  address.search = table.dataset.below;
  address.searchParams.set("level", level(row) + 1);
  if (after) address.searchParams.set("after", after);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the studio answered ${answer.status}`);
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  return [...holder.content.querySelectorAll("tr")];
}

// Puts the rows below a row that is open, as many as are wanted, and those below them that are open.
async function grow(row, table) {
  growing.add(row.id);
  try {
    const rows = await ask(row, table);
    while (rows.length < open.get(row.id) && rows.at(-1)?.matches(".more")) {
      const after = rows.pop().querySelector("[data-more]").dataset.more;
      rows.push(...(await ask(row, table, after)));
    }
    if (!open.has(row.id)) return;
    for (const old of below(row)) old.remove();
    row.after(...rows);
    twig(row).setAttribute("aria-expanded", "true");
    refocus();
    await growAll(rows, table);
  } finally {
    growing.delete(row.id);
  }
}

const growAll = (rows, table) =>
  Promise.all(rows.filter((row) => open.has(row.id) && twig(row)).map((row) => grow(row, table)));

function shrink(row) {
  for (const each of below(row)) each.remove();
  twig(row).setAttribute("aria-expanded", "false");
}

const tell = () => document.dispatchEvent(new Event("studio:below"));

async function toggle(row) {
  if (!twig(row)) return;
  if (open.delete(row.id)) shrink(row);
  else {
    open.set(row.id, PAGE);
    await grow(row, row.closest("table")).catch(() => open.delete(row.id));
  }
  tell();
}

async function more(button) {
  const last = button.closest("tr");
  const parent = above(last);
  button.disabled = true;
  open.set(parent.id, Math.min(open.get(parent.id) + PAGE, MOST));
  const rows = await ask(parent, last.closest("table"), button.dataset.more);
  last.replaceWith(...rows);
  rows[0]?.querySelector("a.name")?.focus();
  tell();
}

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.(".twig");
  if (pressed) toggle(pressed.closest("tr"));
  const button = event.target.closest?.("[data-more]");
  if (button) more(button).catch(() => (button.disabled = false));
});

const KEYS = {
  o: toggle,
  ArrowRight(row) {
    if (twig(row) && !open.has(row.id)) return toggle(row);
    if (open.has(row.id)) row.nextElementSibling?.querySelector("a.name")?.focus();
  },
  ArrowLeft(row) {
    if (open.has(row.id)) return toggle(row);
    if (level(row)) above(row)?.querySelector("a.name")?.focus();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !(event.key in KEYS)) return;
  const row = event.target.closest?.(".table-runs tbody tr[id]");
  if (!row) return;
  event.preventDefault();
  KEYS[event.key](row);
});

// The list comes without them: they are put in before it is shown.
before.push(async (next) => {
  const table = next.querySelector(".table-runs");
  if (table) await growAll([...table.querySelectorAll("tbody > tr[id]")], table).catch(() => {});
});

// What was opened or closed while the list was on its way.
document.addEventListener("studio:shown", () => {
  for (const row of document.querySelectorAll(".table-runs tbody > tr[id]")) {
    if (!twig(row) || !row.isConnected || growing.has(row.id)) continue;
    if (isDrawn(row) && !open.has(row.id)) shrink(row);
    else if (!isDrawn(row) && open.has(row.id)) {
      grow(row, row.closest("table")).then(tell, () => open.delete(row.id));
    }
  }
});
