// The editor of a description: toolbar, preview, pictures, completion, drafts. The form works without it.

import "../../vendor/markdown-toolbar-element-2.2.3/markdown-toolbar-element.js";
import { Attachments } from "../lib/attachments.js";
import * as drafts from "../lib/drafts.js";
import { Mentions } from "../lib/mentions.js";
import { continueList, insertBlock } from "../lib/text-field.js";

const PREVIEW_MS = 300;
const DRAFT_MS = 400;
// From here on the number of letters is told, to those who listen too.
const NEARLY = 0.95;
const TABLE = "| Name | Value |\n|---|---:|\n| loss | 0.1 |";
const KEYS = { b: "bold", i: "italic", e: "code", k: "link" };

class DescriptionEditor extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.field = this.querySelector("textarea");
    this.preview = this.querySelector(".editor-preview");
    this.began = this.state;
    for (const part of this.querySelectorAll("markdown-toolbar, [data-look], [data-scripted]")) part.hidden = false;
    this.querySelector("[data-plain]").hidden = true;
    this.mentions = new Mentions(this.field, this.querySelector(".completion"), this.dataset.complete);
    this.attachments = new Attachments(this.field, {
      address: this.dataset.attach,
      token: this.form.elements.csrfmiddlewaretoken.value,
      longest: Number(this.dataset.longestFile),
      tell: (problem) => this.complain(problem),
    });
    this.listen();
    if (!("isSent" in this.dataset)) this.find();
    this.count();
    this.draw();
  }

  listen() {
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => this.press(event));
    this.addEventListener("keydown", (event) => event.key === "Escape" && this.escape(event));
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.addEventListener("click", (event) => this.click(event));
  }

  // What is written, and over which text: a draft is of no use without it.
  get state() {
    const { version, base } = this.form.elements;
    return { text: this.field.value, version: version.value, base: base.value };
  }

  set state({ text, version, base }) {
    const { elements } = this.form;
    [this.field.value, elements.version.value, elements.base.value] = [text, version, base];
  }

  get isChanged() {
    return this.field.value !== this.began.text;
  }

  find() {
    const draft = drafts.find(this.dataset.keptAs);
    if (!draft || draft.text === this.field.value) return drafts.forget(this.dataset.keptAs);
    this.state = draft;
    this.querySelector("[data-found]").hidden = false;
  }

  changed() {
    this.count();
    clearTimeout(this.drawing);
    clearTimeout(this.keeping);
    this.drawing = setTimeout(() => this.draw(), PREVIEW_MS);
    this.keeping = setTimeout(() => this.keep(), DRAFT_MS);
  }

  keep() {
    if (this.isChanged) drafts.keep(this.dataset.keptAs, this.state);
    else drafts.forget(this.dataset.keptAs);
  }

  count() {
    const longest = Number(this.dataset.longest);
    // As the studio counts: letters, not halves of them.
    const count = this.field.value.length < longest / 2 ? this.field.value.length : [...this.field.value].length;
    const said = `${count.toLocaleString("en")} of ${longest.toLocaleString("en")} characters`;
    const place = this.querySelector("[data-count]");
    place.textContent = said;
    place.classList.toggle("is-over", count > longest);
    this.querySelector("[data-told]").textContent = count > longest * NEARLY ? said : "";
    const over = (count - longest).toLocaleString("en");
    this.field.setCustomValidity(count > longest ? `${over} characters too many.` : "");
  }

  async draw() {
    const text = this.field.value;
    this.querySelector(".editor-nothing").hidden = text.trim() !== "";
    this.preview.hidden = false;
    if (text.length > Number(this.dataset.longest) * 2) return;
    this.asking?.abort();
    this.asking = new AbortController();
    const body = new FormData();
    body.append("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    body.append("text", text);
    try {
      const answer = await fetch(this.dataset.preview, { method: "POST", body, signal: this.asking.signal });
      // The studio has drawn it by its one set of rules; nothing else comes in here.
      if (answer.ok && !answer.redirected) this.preview.querySelector(".markdown").innerHTML = await answer.text();
    } catch {
      // The text is what counts; the next letter asks again.
    }
  }

  press(event) {
    if (this.mentions.press(event)) return event.stopPropagation();
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && isCommand) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && continueList(this.field)) {
      event.preventDefault();
    } else if (isCommand && !event.shiftKey && !event.altKey && KEYS[event.key]) {
      event.preventDefault();
      this.querySelector(`[data-md-button="${KEYS[event.key]}"]`).click();
    }
  }

  escape(event) {
    if (this.querySelector("dialog").open) return;
    event.preventDefault();
    this.leave();
  }

  click(event) {
    const target = event.target.closest("button, a");
    if (!target) return;
    if (target.dataset.mdButton === "table") insertBlock(this.field, TABLE);
    if (target.dataset.mdButton === "attachment") this.attachments.choose(this.form.elements.file.accept);
    if ("look" in target.dataset) this.look(target);
    if ("startOver" in target.dataset) this.startOver();
    if ("discard" in target.dataset) this.discard();
    if ("leave" in target.dataset) {
      event.preventDefault();
      this.leave();
    }
  }

  // Where there is no room for both, the preview stands in the place of the text.
  look(button) {
    const shown = this.classList.toggle("is-looking");
    button.setAttribute("aria-pressed", String(shown));
  }

  startOver() {
    this.state = this.began;
    this.querySelector("[data-found]").hidden = true;
    this.changed();
    this.field.focus();
  }

  leave() {
    if (this.isChanged) this.querySelector("dialog").showModal();
    else this.discard();
  }

  discard() {
    clearTimeout(this.keeping);
    drafts.forget(this.dataset.keptAs);
    if (this.closest("description-card")) this.dispatchEvent(new Event("description-left", { bubbles: true }));
    else location.assign(this.dataset.page);
  }

  async submit(event) {
    event.preventDefault();
    event.stopPropagation();
    if (this.isSaving) return;
    this.isSaving = true;
    this.keep();
    const button = this.querySelector('[value="save"]');
    button.setAttribute("aria-busy", "true");
    await this.save();
    button.removeAttribute("aria-busy");
    this.isSaving = false;
  }

  async save() {
    clearTimeout(this.keeping);
    const body = new FormData(this.form);
    body.delete("file");
    let answer;
    try {
      answer = await fetch(this.form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    } catch {
      return this.complain("The studio does not answer. What you wrote stays here, also if you reload; save again later.");
    }
    if (answer.status === 204) return this.saved();
    if (answer.redirected) return this.complain("You are signed out. Sign in in another tab, then save again.");
    // Two saves at once: the page of its own puts both texts together.
    if (answer.status === 409) return this.form.submit();
    const told = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-problem] p");
    this.complain(told?.textContent.trim() ?? `The studio could not save it (${answer.status}). What you wrote stays here.`);
  }

  saved() {
    drafts.forget(this.dataset.keptAs);
    const page = new URL(this.dataset.page, location.href);
    if (page.pathname === location.pathname) location.reload();
    else location.assign(page);
  }

  complain(problem) {
    const banner = this.querySelector("[data-problem]");
    banner.hidden = !problem;
    banner.querySelector("p").textContent = problem;
  }
}

customElements.define("description-editor", DescriptionEditor);
