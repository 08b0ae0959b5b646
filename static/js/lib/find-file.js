// The search of the file tree: what is typed becomes part of the address, and the tree is asked for again.

const PAUSE = 150;

const input = document.querySelector("[data-finds]");
let timer = 0;
let isFresh = false;

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const address = new URL(location.href);
    if (input.value) address.searchParams.set("find", input.value);
    else address.searchParams.delete("find");
    history.replaceState(history.state, "", address);
    isFresh = input.value !== "";
    document.dispatchEvent(new Event("studio:ask"));
  }, PAUSE);
});

// Folders stay as they were when the tree is drawn anew; what was found in them is to be seen.
document.addEventListener("studio:shown", () => {
  if (!isFresh) return;
  isFresh = false;
  for (const folder of document.querySelectorAll(".tree details")) folder.open = true;
});

input.form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
});
