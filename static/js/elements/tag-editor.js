// The rows of the dialog for tags: one more, one less, and keys and values that the workspace knows.

const SOON = 120;

class TagEditor extends HTMLElement {
  connectedCallback() {
    this.rows = this.querySelector(".tag-rows");
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("input", (event) => this.suggest(event.target));
    this.addEventListener("focusin", (event) => this.suggest(event.target));
    this.addEventListener("keydown", (event) => this.pressed(event));
  }

  clicked(event) {
    if (event.target.closest("[data-add]")) this.add();
    const remove = event.target.closest("[data-remove]");
    if (remove) this.remove(remove.closest("li"));
  }

  // Enter in a row is for the next row, not for the whole form.
  pressed(event) {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    if (event.target.name !== "key" && event.target.name !== "value") return;
    event.preventDefault();
    if (event.target.name === "key") return event.target.nextElementSibling.focus();
    const next = event.target.closest("li").nextElementSibling;
    next ? next.querySelector("input").focus() : this.add();
  }

  add() {
    const row = this.rows.lastElementChild.cloneNode(true);
    for (const input of row.querySelectorAll("input")) input.value = "";
    this.rows.append(row);
    row.querySelector("input").focus();
  }

  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    if (this.rows.children.length === 1) for (const input of row.querySelectorAll("input")) input.value = "";
    else row.remove();
    (next ?? row).querySelector("input").focus();
  }

  suggest(input) {
    if (input.name !== "key" && input.name !== "value") return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(input), SOON);
  }

  async ask(input) {
    const quoted = (text) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
    const key = input.closest("li").querySelector("[name=key]").value;
    const begun = input.value ? quoted(input.value).slice(0, -1) : "";
    const filter = input.name === "key" ? `tag:${begun}` : `tag:${quoted(key)}=${begun}`;
    if (input.name === "value" && !key) return;
    const answer = await fetch(`${this.dataset.complete}?${new URLSearchParams({ filter })}`);
    if (!answer.ok) return;
    const { items } = await answer.json();
    const list = document.getElementById(input.getAttribute("list"));
    list.replaceChildren(...items.map((item) => new Option(item.label)));
  }
}

customElements.define("tag-editor", TagEditor);
