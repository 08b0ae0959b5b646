// Typing # in a text offers runs and files; what is taken becomes a link in Markdown.

import { placeOf, replace } from "./text-field.js";

const PAUSE_MS = 150;
const WORD = /(?:^|[\s(])(#([\w./-]{1,60}))$/;

export class Mentions {
  constructor(field, list, address) {
    Object.assign(this, { field, list, address, items: [], chosen: -1, asked: 0 });
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    field.addEventListener("input", () => this.later());
    field.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
    field.addEventListener("click", () => this.hide());
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const row = event.target.closest("li");
      if (row) this.take(Number(row.dataset.place));
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  // Says whether the key was meant for the list.
  press(event) {
    if (!this.isOpen || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.hide();
    else if (step) this.choose(this.chosen + step);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) this.take(this.chosen);
    else return false;
    event.preventDefault();
    return true;
  }

  get word() {
    return WORD.exec(this.field.value.slice(Math.max(this.field.selectionStart - 80, 0), this.field.selectionStart));
  }

  later() {
    clearTimeout(this.timer);
    if (!this.word) return this.hide();
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    const mine = ++this.asked;
    const word = this.word;
    if (!word) return this.hide();
    const address = new URL(this.address, location.href);
    address.searchParams.set("text", word[2]);
    try {
      const answer = await fetch(address);
      const told = await answer.json();
      // An answer that a later letter has overtaken says nothing any more.
      if (mine === this.asked && document.activeElement === this.field) this.show(told.items);
    } catch {
      this.hide();
    }
  }

  show(items) {
    this.items = items;
    this.list.replaceChildren(...items.map(drawn));
    if (items.length === 0) return this.hide();
    const { left, top } = placeOf(this.field, this.field.selectionStart - this.word[1].length);
    this.list.hidden = false;
    const widest = this.field.clientWidth - this.list.offsetWidth - 8;
    this.list.style.left = `${Math.max(Math.min(left, widest), 8)}px`;
    this.list.style.top = `${Math.min(top, this.field.clientHeight)}px`;
    this.choose(0);
  }

  hide() {
    this.asked += 1;
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }

  choose(place) {
    this.chosen = (place + this.items.length) % this.items.length;
    for (const row of this.list.children) {
      const is = Number(row.dataset.place) === this.chosen;
      row.setAttribute("aria-selected", String(is));
      if (!is) continue;
      row.scrollIntoView({ block: "nearest" });
      this.field.setAttribute("aria-activedescendant", row.id);
    }
  }

  take(place) {
    const word = this.word;
    const end = this.field.selectionStart;
    if (word) replace(this.field, end - word[1].length, end, `${this.items[place].markdown} `);
    this.hide();
  }
}

function drawn(item, place) {
  const row = document.createElement("li");
  row.id = `description-item-${place}`;
  row.role = "option";
  row.dataset.place = place;
  const name = document.createElement("span");
  name.className = "completion-name";
  name.textContent = item.name;
  const about = document.createElement("span");
  about.className = "faint";
  about.textContent = item.about;
  row.append(name, about);
  return row;
}
