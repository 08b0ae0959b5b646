// What buttons do that HTML cannot: copy, open and close dialogs, switch the theme. By delegation, so
// that whatever arrives later works as well.

import { toast } from "./toast.js";

const actions = {
  async copy(button) {
    await copy(button.dataset.copy);
  },
  async copyCode(button) {
    await copy(button.parentElement.querySelector("code").textContent);
  },
  open(button) {
    document.getElementById(button.dataset.open).showModal();
  },
  close(button) {
    button.closest("dialog").close();
  },
  themeSwitch() {
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // It lasts until the page is left, then.
    }
  },
  wrap(button) {
    const wrapped = document.getElementById("viewer").classList.toggle("is-wrapped");
    button.setAttribute("aria-pressed", String(wrapped));
  },
};

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied.");
  } catch {
    toast("The browser does not allow copying here.");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || button.disabled) return;
  for (const [name, action] of Object.entries(actions)) {
    if (name in button.dataset) return action(button);
  }
});

// A click beside a dialog closes it, as Escape does.
document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});
