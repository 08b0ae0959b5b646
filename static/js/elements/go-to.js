// The palette: a few letters lead to a run, a view, an experiment or a page.

import { choice, point } from "../lib/choices.js";

const PAUSE = 120;

class GoTo extends HTMLElement {
  connectedCallback() {
    this.dialog = this.closest("dialog");
    this.input = this.querySelector("input");
    this.list = this.querySelector("ul");
    this.asked = 0;
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-controls", this.list.id);
    this.input.setAttribute("aria-expanded", "false");
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.find(), PAUSE);
    });
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.go(event.target.closest("[data-address]"), event));
    this.list.addEventListener("auxclick", (event) => this.go(event.target.closest("[data-address]"), event));
    document.addEventListener("keydown", (event) => this.open(event));
  }

  open(event) {
    const isTyping = event.target.closest?.("input, textarea, select, dialog[open]");
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (this.dialog.open) return;
      this.input.value = "";
      this.show([]);
      this.dialog.showModal();
    } else if (event.key === "?" && !isTyping) document.getElementById("keys").showModal();
  }

  async find() {
    const mine = ++this.asked;
    const address = new URL(this.dataset.find, location.href);
    address.searchParams.set("text", this.input.value);
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok || mine !== this.asked) return;
    this.show((await answer.json()).items);
  }

  show(items) {
    this.chosen = 0;
    this.list.replaceChildren(
      ...items.map((item, place) =>
        choice(`palette-${place}`, { address: item.address }, [
          ["palette-kind faint", item.kind],
          ["palette-name", item.name],
          ["faint", item.about],
        ]),
      ),
    );
    this.list.hidden = !items.length;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    this.querySelector(".palette-empty").hidden = items.length > 0 || !this.input.value.trim();
    this.mark();
  }

  mark() {
    point(this.input, this.list, this.chosen);
  }

  press(event) {
    const count = this.list.children.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count) {
      event.preventDefault();
      this.chosen = (this.chosen + step + count) % count;
      this.mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.go(this.list.children[this.chosen], event);
    }
  }

  // A choice of a list holds no link, so what people know of links is done here: Ctrl and the middle button.
  go(row, event) {
    if (!row || event.button === 2) return;
    const { address } = row.dataset;
    if (event.ctrlKey || event.metaKey || event.button === 1) open(address, "_blank", "noopener");
    else location.assign(address);
  }
}

customElements.define("go-to", GoTo);
