// The dialog that chooses columns: add, leave out, pin, and order by dragging or by buttons.

import { go } from "../lib/visit.js";

const written = (id) => encodeURIComponent(id).replaceAll("%3A", ":").replace(/[!'()*~]/g, percent);
const percent = (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`;

class ColumnChooser extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ol");
    this.input = this.querySelector("#column-new");
    this.addEventListener("click", (event) => this.click(event));
    this.list.addEventListener("dragstart", (event) => (this.dragged = event.target.closest("li")));
    this.list.addEventListener("dragover", (event) => this.drag(event));
    this.input.addEventListener("change", () => this.add(this.input.value.trim()));
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.add(this.input.value.trim());
    });
    this.input.addEventListener("input", () => this.suggest());
  }

  click(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const row = button.closest("li");
    if ("remove" in button.dataset && this.list.children.length > 1) row.remove();
    if (button.dataset.move === "-1") row.previousElementSibling?.before(row);
    if (button.dataset.move === "1") row.nextElementSibling?.after(row);
    if (button.dataset.move) button.focus();
    if ("pin" in button.dataset) this.pin(row, button);
    if ("apply" in button.dataset) this.apply();
  }

  // What is pinned stands before the rest.
  pin(row, button) {
    const isPinned = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(isPinned));
    const pinned = [...this.list.children].filter((each) => each !== row && this.isPinned(each));
    if (pinned.length) pinned.at(-1).after(row);
    else this.list.prepend(row);
    button.focus();
  }

  isPinned(row) {
    return row.querySelector("[data-pin]").getAttribute("aria-pressed") === "true";
  }

  drag(event) {
    const over = event.target.closest("li");
    if (!this.dragged || !over || over === this.dragged) return;
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(this.dragged);
    else over.after(this.dragged);
  }

  add(id) {
    this.input.value = "";
    if (!id) return;
    const known = [...this.list.children].find((row) => row.dataset.id === id);
    if (known) return known.querySelector("button").focus();
    const row = this.list.firstElementChild.cloneNode(true);
    const label = [...this.querySelectorAll("option")].find((each) => each.value === id)?.label ?? id;
    row.dataset.id = id;
    delete row.dataset.width;
    row.querySelector("[data-pin]").setAttribute("aria-pressed", "false");
    row.querySelector(".column-name").textContent = label;
    row.querySelector(".faint").textContent = "";
    for (const button of row.querySelectorAll("button")) {
      button.setAttribute("aria-label", button.dataset.says.replace("…", label));
    }
    this.list.append(row);
    row.scrollIntoView({ block: "nearest" });
  }

  // Keys of tags, properties, parameters and metrics come from the studio, as in the search box.
  async suggest() {
    const text = this.input.value;
    if (!/^(tag|property|param|metric):/.test(text)) return;
    const address = new URL(this.dataset.complete, location.href);
    address.searchParams.set("filter", text);
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok || text !== this.input.value) return;
    const kind = text.slice(0, text.indexOf(":") + 1);
    const names = this.querySelector("datalist");
    for (const old of names.querySelectorAll("[data-found]")) old.remove();
    for (const { label } of (await answer.json()).items) {
      const option = document.createElement("option");
      option.value = kind + label;
      option.dataset.found = "";
      names.append(option);
    }
  }

  column(row) {
    // Widths that were pulled since the page came stand at the heads.
    const id = written(row.dataset.id);
    const head = [...document.querySelectorAll(".table-runs th[data-column]")].find((each) => each.dataset.column === id);
    const width = (head ?? row).dataset.width;
    return `${this.isPinned(row) ? "*" : ""}${id}${width ? `!${width}` : ""}`;
  }

  apply() {
    if (this.input.value.trim()) this.add(this.input.value.trim());
    const address = new URL(this.dataset.address, location.href);
    address.searchParams.set("columns", [...this.list.children].map((row) => this.column(row)).join(","));
    const group = this.querySelector("select");
    address.searchParams.set("group", group.value);
    // Groups of another column are other groups.
    if (group.value !== group.dataset.now) address.searchParams.set("closed", "");
    address.searchParams.set("differ", this.querySelector("[name=differ]").checked);
    go(address);
  }
}

customElements.define("column-chooser", ColumnChooser);
