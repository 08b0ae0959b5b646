// Words at the edge of the page that go by themselves, but not while somebody is at them. With a way to
// undo something they stay longer; u goes to it.

const SHOWN = 6000;
const SHOWN_WITH_UNDO = 30000;

const toasts = document.getElementById("toasts");

export function toast(text) {
  const note = document.createElement("div");
  note.className = "toast";
  note.append(document.createElement("p"));
  note.firstChild.textContent = text;
  toasts.append(note);
  keep(note);
}

export function dismiss(note) {
  if (note.contains(document.activeElement)) document.getElementById("content").focus();
  note.remove();
}

function keep(note) {
  const time = note.querySelector("[data-undo]") ? SHOWN_WITH_UNDO : SHOWN;
  let timer = 0;
  const hold = () => clearTimeout(timer);
  const wait = () => {
    hold();
    timer = setTimeout(() => (note.matches(":hover, :focus-within") ? wait() : note.remove()), time);
  };
  for (const kind of ["pointerenter", "focusin"]) note.addEventListener(kind, hold);
  for (const kind of ["pointerleave", "focusout"]) note.addEventListener(kind, wait);
  wait();
}

// What came with the page is put in once more: a screen reader tells what is new, not what was there.
for (const note of toasts?.querySelectorAll("[data-toast]") ?? []) {
  toasts.append(note);
  keep(note);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "u" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog[open]")) return;
  toasts?.querySelector("[data-undo]")?.focus();
});
