// <source-lines>: a click on a number marks its line in the address, with Shift all lines up to there.

import { markedIn, markedText } from "../lib/line-marks.js";

class SourceLines extends HTMLElement {
  connectedCallback() {
    this.onHash = () => this.follow();
    addEventListener("hashchange", this.onHash);
    this.addEventListener("click", (event) => this.click(event));
    this.follow();
  }

  disconnectedCallback() {
    removeEventListener("hashchange", this.onHash);
  }

  follow() {
    this.marked = markedIn(location);
    this.draw();
    if (this.marked) this.querySelector(".is-marked")?.scrollIntoView({ block: "center" });
  }

  click(event) {
    const link = event.target.closest("a.log-no");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const number = Number(link.textContent);
    const [first, last] = this.marked ?? [];
    if (event.shiftKey && first) this.marked = [Math.min(first, number), Math.max(last, number)];
    else this.marked = first === number && last === number ? null : [number, number];
    const address = new URL(location.href);
    address.hash = "";
    address.searchParams.set("file", this.dataset.file);
    if (this.marked) address.searchParams.set("line", markedText(this.marked));
    else address.searchParams.delete("line");
    history.replaceState(history.state, "", address);
    this.draw();
  }

  draw() {
    const [first, last] = this.marked ?? [0, 0];
    const lines = this.querySelectorAll("li");
    for (const line of this.querySelectorAll("li.is-marked")) line.classList.remove("is-marked");
    for (let n = first; n && n <= Math.min(last, lines.length); n++) lines[n - 1].classList.add("is-marked");
    const copy = document.getElementById("copy-line");
    copy.hidden = !this.marked;
    copy.dataset.copy = location.href;
  }
}

customElements.define("source-lines", SourceLines);
