// Runs side by side: what changes the rows alone is swapped in place, n and p walk the differences, and
// a run has one colour in its head, its images and the charts. Every change is a new address.

import { light } from "../charts/lit.js";
import { colour, theme } from "../charts/look.js";

const PAUSE = 250;

// The hidden fields of a form are the parts of an address that it does not change itself.
function carry(form, address) {
  for (const field of form.querySelectorAll("input[type=hidden]")) field.remove();
  const own = new Set([...form.elements].map(({ name }) => name));
  for (const [name, value] of new URLSearchParams(address)) {
    if (own.has(name)) continue;
    const field = document.createElement("input");
    form.prepend(Object.assign(field, { type: "hidden", name, value }));
  }
}

class ComparePage extends HTMLElement {
  connectedCallback() {
    this.region = this.querySelector("#compare");
    if (!this.region) return;
    if (this.querySelector("run-chart")) import("./run-chart.js");
    this.current = null;
    this.addEventListener("click", (event) => this.click(event));
    this.addEventListener("input", (event) => this.type(event));
    this.addEventListener("submit", (event) => this.submit(event));
    this.addEventListener("mouseover", (event) => this.point(event));
    document.addEventListener("keydown", (event) => this.press(event));
    document.addEventListener("studio:shown", () => this.paint());
    document.addEventListener("studio:lit", ({ detail }) => this.lit(detail));
    addEventListener("popstate", () => location.reload());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
    new MutationObserver(() => this.paint()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.paint();
  }

  get rows() {
    return [...this.region.querySelectorAll("tr.is-differing")];
  }

  click(event) {
    const { target } = event;
    const table = target.closest("[data-chart-table]");
    if (table) return table.closest(".chart").querySelector("run-chart").toggle(table);
    const step = target.closest("[data-step]");
    if (step) return this.walk(Number(step.dataset.step));
    const link = target.closest("a[data-part]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.go(link.href);
  }

  type(event) {
    if (event.target.name !== "find") return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(event.target.value), PAUSE);
  }

  submit(event) {
    const { submitter: button } = event;
    if (!button || !("part" in button.dataset)) return this.find(event);
    event.preventDefault();
    const address = new URL(location.href);
    address.searchParams.set(button.name, button.value);
    this.go(address);
  }

  find(event) {
    const input = event.target.elements.find;
    if (!input) return;
    event.preventDefault();
    clearTimeout(this.timer);
    this.search(input.value);
  }

  search(text) {
    const address = new URL(location.href);
    // A view may look for something: then nothing has to be asked for in so many words.
    if (text.trim() || address.searchParams.has("view")) address.searchParams.set("find", text.trim() ? text : "");
    else address.searchParams.delete("find");
    if (address.href !== location.href) this.go(address, true);
  }

  // While somebody types, each letter is no step of its own on the way back.
  async go(address, isTyping = false) {
    const mine = (this.asked = (this.asked ?? 0) + 1);
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (mine !== this.asked) return;
    // A button leads to the address of what it makes; anywhere else leads a sign-in that is over.
    if (!answer?.ok || new URL(answer.url).pathname !== location.pathname) return location.assign(address);
    const text = await answer.text();
    if (isTyping) history.replaceState(history.state, "", answer.url);
    else history.pushState(null, "", answer.url);
    await htmx.swap({ target: this.region, sourceElement: this.region, swap: "innerMorph", text });
    this.current = null;
    this.told();
    document.dispatchEvent(new Event("studio:shown"));
  }

  // What stands around the rows leads on from the address that they have now.
  told() {
    const { address, differs } = this.region.firstElementChild.dataset;
    for (const input of this.querySelectorAll("input[name=address]")) input.value = address;
    const changes = this.querySelector("[data-changes]");
    changes.hidden = !differs;
    changes.querySelector(".view-changed").textContent = `Changed: ${differs}`;
    for (const form of this.querySelectorAll("form[method=get]")) if (!this.region.contains(form)) carry(form, address);
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog[open]")) return;
    if (event.key === "n") this.walk(1);
    else if (event.key === "p") this.walk(-1);
  }

  walk(step) {
    const { rows } = this;
    if (!rows.length) return;
    const here = rows.indexOf(this.current);
    const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : (here + step + rows.length) % rows.length;
    this.mark(rows[next]);
    const head = this.current.querySelector("th");
    head.focus({ preventScroll: true });
    this.current.scrollIntoView({ block: "center", inline: "nearest" });
  }

  mark(row) {
    for (const each of this.region.querySelectorAll("tr.is-current")) each.classList.remove("is-current");
    this.current = row?.isConnected && row.classList.contains("is-differing") ? row : null;
    this.current?.classList.add("is-current");
  }

  // A swap takes away what only this page knows: colours, and where somebody is.
  paint() {
    const look = theme(this);
    for (const swatch of this.querySelectorAll("[data-swatch]")) {
      swatch.style.background = colour(Number(swatch.dataset.swatch), look);
    }
    this.mark(this.current);
  }

  point(event) {
    const head = event.target.closest("[data-run-number]");
    if (head) light(Number(head.dataset.runNumber));
  }

  lit(number) {
    for (const head of this.querySelectorAll("[data-run-number]")) {
      head.classList.toggle("is-lit", Number(head.dataset.runNumber) === number);
    }
  }
}

customElements.define("compare-page", ComparePage);
