// The bar of the selected runs: how many each action can touch, what it will do, and then it is asked for.

import { toast } from "../lib/toast.js";

const PAUSE = 200;
const WORDS = {
  tag: ["Tag", "Tags, one a line: key or key=value"],
  untag: ["Remove tags from", "Keys, one a line"],
  cancel: ["Cancel", ""],
  archive: ["Archive", ""],
  restore: ["Restore", ""],
  delete: ["Delete", ""],
};
const WHAT = {
  cancel: "Their processes get SIGTERM, and are killed when their grace is over.",
  delete: "They go into the bin and can be brought back for 30 days.",
  archive: "They leave the lists and keep everything.",
};

class RunSelection extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.dialog = this.querySelector("dialog");
    this.picked = new Set();
    this.isAll = false;
    this.last = null;
    this.stop = new AbortController();
    const { signal } = this.stop;
    document.addEventListener("click", (event) => this.tick(event), { signal });
    for (const kind of ["studio:shown", "studio:below"]) document.addEventListener(kind, () => this.redraw(), { signal });
    this.addEventListener("click", (event) => this.click(event));
    this.form.addEventListener("submit", (event) => {
      this.data();
      event.submitter?.closest("[popover]")?.hidePopover();
    });
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  boxes() {
    return [...document.querySelectorAll("input[data-select]")];
  }

  tick(event) {
    const box = event.target;
    if (!(box instanceof HTMLInputElement)) return;
    if ("selectPage" in box.dataset) {
      for (const each of this.boxes()) this.set(each, box.checked);
    } else if ("select" in box.dataset) {
      const boxes = this.boxes();
      const [from, to] = [boxes.indexOf(this.last), boxes.indexOf(box)].sort((a, b) => a - b);
      // Shift ticks everything between this box and the one before.
      if (event.shiftKey && from >= 0) for (const each of boxes.slice(from, to + 1)) this.set(each, box.checked);
      this.set(box, box.checked);
      this.last = box;
    } else return;
    this.isAll = false;
    this.redraw();
  }

  set(box, on) {
    box.checked = on;
    if (on) this.picked.add(box.dataset.select);
    else this.picked.delete(box.dataset.select);
  }

  redraw() {
    const boxes = this.boxes();
    for (const box of boxes) box.checked = this.isAll || this.picked.has(box.dataset.select);
    const page = document.querySelector("input[data-select-page]");
    if (page) page.checked = boxes.length > 0 && boxes.every((box) => box.checked);
    document.dispatchEvent(new Event("studio:selected"));
    this.hidden = !this.isAll && this.picked.size === 0;
    if (this.hidden) return;
    this.querySelector("[data-all]").hidden = this.isAll || !page?.checked;
    this.say(this.isAll ? "All that match" : `${this.picked.size} selected`);
    this.compare(boxes);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), PAUSE);
  }

  // Compared runs stand in the order of the list; those of other pages come behind.
  compare(boxes) {
    const link = this.querySelector("[data-compare]");
    const here = boxes.map((box) => box.dataset.select).filter((id) => this.picked.has(id));
    link.search = `?runs=${[...new Set([...here, ...this.picked])].join(",")}`;
    const { least, most } = link.dataset;
    let why = "";
    if (this.isAll) why = "Select the runs themselves to compare them.";
    else if (this.picked.size < least) why = "Select another run to compare it with.";
    else if (this.picked.size > most) why = `Up to ${most} runs are compared at once.`;
    link.title = why;
    link.setAttribute("aria-disabled", String(why !== ""));
  }

  say(text) {
    this.querySelector(".selection-count").textContent = text;
  }

  data(more = {}) {
    const { form } = this;
    form.elements.runs.value = JSON.stringify([...this.picked]);
    form.elements.scope.value = this.isAll ? "all" : "ids";
    for (const [name, value] of Object.entries(more)) form.elements[name].value = value;
    return new FormData(form);
  }

  async look(more) {
    const answer = await fetch(this.dataset.preview, { method: "POST", body: this.data(more) }).catch(() => null);
    if (!answer) return null;
    const told = await answer.json().catch(() => ({ problem: "The studio does not answer." }));
    if (told.problem) {
      this.say(told.problem);
      return null;
    }
    if (this.isAll) this.say(`All ${told.selected} that match`);
    for (const button of this.querySelectorAll("[data-do]")) {
      const touched = told.touches[button.dataset.do];
      button.disabled = touched === 0;
      button.title = touched === 0 ? (told.reasons[button.dataset.do]?.[0] ?? "") : "";
      button.querySelector(".faint").textContent = touched === told.selected ? "" : ` (${touched} of ${told.selected})`;
    }
    return told;
  }

  click(event) {
    const refused = event.target.closest("a[aria-disabled=true]");
    if (refused) {
      event.preventDefault();
      return toast(refused.title);
    }
    const button = event.target.closest("button");
    if (!button) return;
    if ("all" in button.dataset) {
      this.isAll = true;
      this.redraw();
    } else if ("none" in button.dataset) {
      this.isAll = false;
      this.picked.clear();
      this.redraw();
    } else if (button.dataset.do) this.ask(button.dataset.do);
    else if ("go" in button.dataset) this.go();
  }

  async ask(action) {
    const { dialog } = this;
    this.action = action;
    const [verb, label] = WORDS[action];
    const field = dialog.querySelector("[data-text]");
    field.hidden = !label;
    field.querySelector("span").textContent = label;
    field.querySelector("textarea").value = "";
    const below = dialog.querySelector("[data-below]");
    below.hidden = this.isAll || !["cancel", "delete", "archive"].includes(action);
    below.querySelector("input").checked = false;
    below.querySelector("input").onchange = () => this.count(verb);
    dialog.querySelector("[data-what]").textContent = WHAT[action] ?? "";
    const isGrave = ["cancel", "delete"].includes(action);
    dialog.querySelector("[data-go]").classList.toggle("button-danger", isGrave);
    dialog.querySelector("[data-go]").classList.toggle("button-main", !isGrave);
    await this.count(verb);
    dialog.showModal();
  }

  async count(verb) {
    const { dialog } = this;
    const children = String(dialog.querySelector("[data-below] input").checked);
    const told = await this.look({ children });
    if (!told) return;
    const touched = told.touches[this.action];
    const runs = `${touched} run${touched === 1 ? "" : "s"}`;
    this.confirm = told.selected;
    dialog.querySelector("h2").textContent = `${verb} ${runs}${touched < told.selected ? ` of ${told.selected}` : ""}?`;
    dialog.querySelector("[data-go]").textContent = `${verb} ${runs}`;
    dialog.querySelector(".selection-reasons").replaceChildren(
      ...(told.reasons[this.action] ?? []).map((reason) => {
        const row = document.createElement("li");
        row.textContent = reason;
        return row;
      }),
    );
  }

  go() {
    const { dialog } = this;
    const text = dialog.querySelector("textarea").value;
    if (!dialog.querySelector("[data-text]").hidden && !text.trim()) {
      return dialog.querySelector("textarea").focus();
    }
    const children = String(dialog.querySelector("[data-below] input").checked);
    this.data({ action: this.action, confirm: this.confirm, text, children });
    this.form.submit();
  }
}

customElements.define("run-selection", RunSelection);
