// What buttons do that HTML cannot: copy, open and close dialogs, wrap lines. By delegation, so that
// whatever arrives later works as well.

import { keep, kept } from "./kept.js";
import { switchTheme } from "./theme-switch.js";
import { dismiss, toast } from "./toast.js";

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
  another(button) {
    const row = button.previousElementSibling.cloneNode(true);
    row.querySelector("input").value = "";
    button.before(row);
    row.querySelector("input").focus();
  },
  dismiss(button) {
    dismiss(button.closest(".toast"));
  },
  themeSwitch: switchTheme,
  wrap(button) {
    const wraps = button.getAttribute("aria-pressed") !== "true";
    keep("wrap", wraps ? "on" : "off");
    wrap(button, wraps);
  },
};

function wrap(button, wraps) {
  document.getElementById("viewer").classList.toggle("is-wrapped", wraps);
  button.setAttribute("aria-pressed", String(wraps));
}

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

// Whoever wraps the lines of one file wraps those of the next.
const wrapper = document.querySelector("button[data-wrap]");
if (wrapper && kept("wrap") === "on") wrap(wrapper, true);

// A dialog that has something to say about what was sent opens with the page.
document.querySelector("dialog[data-open-at-once]")?.showModal();

// A click beside a dialog closes it, as Escape does.
document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

// A form is sent once, however often its button is pressed; a download leaves the page as it is.
document.addEventListener("submit", (event) => {
  if ("download" in (event.submitter?.dataset ?? {})) return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

// A page that comes back whole, by the Back button, has its forms as they were sent.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});
