// The switch in the bar: the system's theme, light, dark, and round again.

const NEXT = { system: "light", light: "dark", dark: "system" };
const WORDS = { system: "that of the system", light: "light", dark: "dark" };
const root = document.documentElement;
const button = document.querySelector("[data-theme-switch]");

export function switchTheme() {
  const chosen = NEXT[root.dataset.theme ?? "system"];
  if (chosen === "system") delete root.dataset.theme;
  else root.dataset.theme = chosen;
  try {
    if (chosen === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", chosen);
  } catch {
    // It lasts until the page is left, then.
  }
  name();
}

function name() {
  if (!button) return;
  button.title = `Theme: ${WORDS[root.dataset.theme ?? "system"]}`;
  button.setAttribute("aria-label", button.title);
}

name();
