// The address of the list is its whole state. What is changed in place, as a width that is pulled, is
// written into it here, and into whatever on the page leads on from it.

const CARRIERS = [
  [".query a, .filters a, #export-menu a", "href"],
  [".view-bar input[name=address], #save-as input[name=address], run-selection :is(input[name=address], input[name=back])", "value"],
  ["chart-strip, column-chooser", "data-address"],
  ["chart-form, run-chart", "data-source"],
];

// A list that is opened without a word in its address may be a view: then the page says what it is.
export function here() {
  const table = document.querySelector(".table-runs");
  return new URL(location.search || !table ? location.href : table.dataset.address, location.href);
}

// Sets a part of the state; null is as the view has it.
export function keep(name, value) {
  const address = here();
  put(address, name, value);
  history.replaceState(history.state, "", address);
  for (const [selector, attribute] of CARRIERS) {
    for (const element of document.querySelectorAll(selector)) {
      const written = element.getAttribute(attribute);
      if (!written?.includes("?")) continue;
      const [path, search] = written.split("?");
      const parts = new URLSearchParams(search);
      put({ searchParams: parts }, name, value);
      element.setAttribute(attribute, `${path}?${parts}`);
    }
  }
  inForm(name, value);
  document.querySelector("[data-changes]")?.removeAttribute("hidden");
  document.dispatchEvent(new Event("studio:ask"));
}

function put({ searchParams }, name, value) {
  if (value === null) searchParams.delete(name);
  else searchParams.set(name, value);
}

function inForm(name, value) {
  const form = document.querySelector("form.query");
  if (!form) return;
  form.querySelector(`input[type=hidden][name="${name}"]`)?.remove();
  if (value === null) return;
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name, value });
  form.prepend(input);
}

// A link that changes one part only does so in place.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-keep]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  keep(link.dataset.keep, new URL(link.href).searchParams.get(link.dataset.keep));
});
