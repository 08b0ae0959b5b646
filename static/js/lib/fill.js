// A menu with data-fill asks for what it holds when it opens; until then, and without an answer, it
// shows what the page had in it.
document.addEventListener(
  "beforetoggle",
  async (event) => {
    const menu = event.target;
    if (event.newState !== "open" || !menu.dataset?.fill) return;
    const answer = await fetch(menu.dataset.fill).catch(() => null);
    if (answer?.ok && !answer.redirected) menu.innerHTML = await answer.text();
  },
  true,
);
