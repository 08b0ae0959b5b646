// The search box of the list: says what may stand next, and what is wrong, before anything is asked for.

import { visit } from "../lib/visit.js";

const PAUSE = 120;

class QueryBox extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.list = this.querySelector("ul");
    this.problem = this.querySelector(".query-problem");
    this.items = [];
    this.chosen = -1;
    this.asked = 0;
    const { input, list } = this;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-autocomplete", "list");
    input.addEventListener("input", () => this.later());
    input.addEventListener("focus", () => input.value === "" || this.later());
    input.addEventListener("blur", () => setTimeout(() => this.hide(), 150));
    input.addEventListener("keydown", (event) => this.press(event));
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) this.take(Number(item.dataset.place));
    });
    const form = this.closest("form");
    // What a form of another kind sends, as that of an alert, is examined where it arrives.
    if (form.method === "get") form.addEventListener("submit", (event) => this.submit(event));
  }

  // Put a term at the end and say what may follow it.
  add(term) {
    const before = this.input.value.trimEnd();
    this.input.value = before ? `${before} ${term}` : term;
    this.input.focus();
    this.input.setSelectionRange(this.input.value.length, this.input.value.length);
    this.ask();
  }

  edit(start, end) {
    this.input.focus();
    this.input.setSelectionRange(start, end);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async fetch() {
    const address = new URL(this.dataset.complete, location.href);
    address.searchParams.set("filter", this.input.value);
    address.searchParams.set("at", this.input.selectionStart);
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  }

  async ask() {
    const mine = ++this.asked;
    let told;
    try {
      told = await this.fetch();
    } catch {
      return;
    }
    // An answer that a later question has overtaken says nothing any more.
    if (mine !== this.asked || document.activeElement !== this.input) return;
    this.items = told.items;
    this.show();
    if (!told.problem) this.complain("");
  }

  show() {
    this.chosen = -1;
    this.list.replaceChildren(
      ...this.items.map((item, place) => {
        const row = document.createElement("li");
        row.id = `query-item-${place}`;
        row.role = "option";
        row.dataset.place = place;
        const word = document.createElement("span");
        word.className = "query-word";
        word.textContent = item.label;
        const about = document.createElement("span");
        about.className = "faint number";
        about.textContent = item.count === null ? item.about : item.count;
        row.append(word, about);
        return row;
      }),
    );
    this.list.hidden = this.items.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.input.removeAttribute("aria-activedescendant");
  }

  hide() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  // What is written has been asked for: nothing is proposed until somebody writes on.
  rest() {
    this.asked += 1;
    clearTimeout(this.timer);
    this.hide();
  }

  press(event) {
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      return this.hide();
    }
    if (this.list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      return this.choose(this.chosen + step);
    }
    if ((event.key === "Enter" || event.key === "Tab") && this.chosen >= 0) {
      event.preventDefault();
      this.take(this.chosen);
    }
  }

  choose(place) {
    this.chosen = (place + this.items.length) % this.items.length;
    for (const row of this.list.children) {
      const is = Number(row.dataset.place) === this.chosen;
      row.setAttribute("aria-selected", String(is));
      if (is) {
        row.scrollIntoView({ block: "nearest" });
        this.input.setAttribute("aria-activedescendant", row.id);
      }
    }
  }

  take(place) {
    const item = this.items[place];
    if (!item) return;
    const after = this.input.value.slice(this.input.selectionStart);
    const before = this.input.value.slice(0, item.start) + item.text;
    this.input.value = before + after;
    this.input.focus();
    this.input.setSelectionRange(before.length, before.length);
    this.hide();
    if (item.text.endsWith(":")) this.ask();
  }

  // What is wrong is said here, and the rows stay.
  async submit(event) {
    event.preventDefault();
    const form = event.target;
    delete form.dataset.sent;
    this.rest();
    const wrong = await visit(`${form.action}?${new URLSearchParams(new FormData(form))}`);
    if (wrong) this.complain(wrong.textContent, Number(wrong.dataset.position ?? 1));
  }

  complain(text, position = 1) {
    this.problem.hidden = !text;
    this.input.toggleAttribute("aria-invalid", Boolean(text));
    if (!text) return;
    this.problem.textContent = text;
    const place = position - 1;
    this.input.focus();
    this.input.setSelectionRange(place, place);
  }
}

customElements.define("query-box", QueryBox);
