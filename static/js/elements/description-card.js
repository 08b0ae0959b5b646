// The card of a description: its pencil opens the editor in the place of the text.

import { toast } from "../lib/toast.js";

class DescriptionCard extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => this.click(event));
    this.addEventListener("description-left", () => this.close());
  }

  click(event) {
    const link = event.target.closest("[data-edit-description]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.open(link.href);
  }

  async open(address) {
    if (this.shown) return;
    let answer;
    try {
      answer = await fetch(address, { headers: { "HX-Request": "true" } });
    } catch {
      return toast("The studio does not answer.");
    }
    // Whoever must sign in first, or may not write any more, is told by the page itself.
    if (!answer.ok || answer.redirected) return location.assign(address);
    await import("./description-editor.js");
    const card = this.firstElementChild;
    const drawn = document.createElement("template");
    drawn.innerHTML = await answer.text();
    this.shown = [...card.childNodes];
    // What is new on the page leaves the writer alone.
    this.setAttribute("hx-morph-skip", "");
    const title = document.createElement("h2");
    title.textContent = "Description";
    card.replaceChildren(title, drawn.content);
    card.querySelector("textarea").focus();
  }

  close() {
    this.firstElementChild.replaceChildren(...this.shown);
    this.shown = null;
    this.removeAttribute("hx-morph-skip");
    this.querySelector("[data-edit-description]").focus();
  }
}

customElements.define("description-card", DescriptionCard);
if (document.querySelector("description-editor")) import("./description-editor.js");
