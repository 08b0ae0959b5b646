// "Compare with …": a few letters of a name or an id offer runs. Without script the box takes an id or a name.
// data-but are those that it is not to offer. data-into names the part of the address that holds the one
// run that is chosen; else it is added to "runs", behind them.

import { choice, point } from "../lib/choices.js";

const PAUSE = 120;

class RunPicker extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.querySelector("input[type=text]");
    this.list = this.querySelector("ul");
    this.nothing = this.querySelector("p");
    this.words = this.nothing.textContent;
    this.asked = 0;
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", this.list.id);
    this.input.setAttribute("aria-expanded", "false");
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.find(), PAUSE);
    });
    this.input.addEventListener("focus", () => this.find());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event));
    this.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.contains(relatedTarget)) this.close();
    });
  }

  async find() {
    const mine = ++this.asked;
    const address = new URL(this.dataset.find, location.href);
    address.searchParams.set("text", this.input.value);
    address.searchParams.set("kind", "run");
    address.searchParams.set("but", this.dataset.but);
    const answer = await fetch(address).catch(() => null);
    const items = answer?.ok ? (await answer.json()).items : [];
    if (mine !== this.asked || !this.contains(document.activeElement)) return;
    this.nothing.textContent = answer?.ok ? this.words : "The studio does not answer. Type on to try again.";
    this.show(items);
  }

  show(items) {
    this.chosen = -1;
    this.list.replaceChildren(
      ...items.map((item, place) =>
        choice(`compare-choice-${place}`, { add: item.id }, [
          ["palette-name", item.name],
          ["faint", `${item.about} · ${item.id}`],
        ]),
      ),
    );
    this.list.hidden = !items.length;
    this.nothing.hidden = items.length > 0 || !this.input.value.trim();
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    this.mark();
  }

  mark() {
    point(this.input, this.list, this.chosen);
  }

  press(event) {
    const count = this.list.hidden ? 0 : this.list.children.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count) {
      event.preventDefault();
      this.chosen = this.chosen < 0 ? (step > 0 ? 0 : count - 1) : (this.chosen + step + count) % count;
      this.mark();
    } else if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && count && (this.chosen >= 0 || this.input.value.trim())) {
      event.preventDefault();
      this.add(this.list.children[Math.max(this.chosen, 0)]);
    }
  }

  choose(event) {
    const row = event.target.closest("[data-add]");
    if (row) this.add(row);
  }

  // The address says what is shown now: the fields of the form say what was when the page came.
  add(row) {
    const address = new URL(location.href);
    const { into, but } = this.dataset;
    if (into) address.search = new URLSearchParams({ [into]: row.dataset.add });
    else address.searchParams.set("runs", [...(but ? [but] : []), row.dataset.add].join(","));
    location.assign(address);
  }

  close() {
    this.list.hidden = true;
    this.nothing.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }
}

customElements.define("run-picker", RunPicker);
