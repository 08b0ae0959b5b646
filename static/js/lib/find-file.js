// The search of the file tree: what is typed becomes part of the address, and the tree is asked for again.

const PAUSE = 150;

const input = document.querySelector("[data-finds]");
let timer = 0;

input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const address = new URL(location.href);
    if (input.value) address.searchParams.set("find", input.value);
    else address.searchParams.delete("find");
    history.replaceState(history.state, "", address);
    document.dispatchEvent(new Event("studio:ask"));
  }, PAUSE);
});

input.form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation();
});
