// What every chart is: a picture that asks for its numbers when it is seen, a note, a tip, a table.

import { theme } from "../charts/look.js";
import { Walk } from "../charts/walk.js";

const EARLY = "200px";
const ASIDE = 14;
const LATE = 400;
const AGAIN = 5000;
const LOADING = "Loading …";

export function made(name, text, className = "") {
  const element = document.createElement(name);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

// A chart of its own kind says how it asks (ask), draws (draw), fills its table (fill), what keys walk over
// (tracks) and what else follows them (stand).
export class ChartFrame extends HTMLElement {
  connectedCallback() {
    this.picture = this.querySelector(".chart-picture");
    this.legend = this.querySelector(".chart-legend");
    this.table = this.querySelector(".chart-table");
    this.note = this.querySelector(".chart-note");
    this.isStale = true;
    this.stop = new AbortController();
    this.walk = new Walk();
    this.picture.addEventListener("keydown", (event) => this.press(event), { signal: this.stop.signal });
    this.picture.addEventListener("blur", () => this.leave(), { signal: this.stop.signal });
    this.begin(this.stop.signal);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw(), { signal: this.stop.signal });
    this.watch();
  }

  disconnectedCallback() {
    this.stop.abort();
    clearTimeout(this.again);
    for (const watcher of this.watchers) watcher.disconnect();
    this.drawn?.destroy();
    this.drawn = null;
  }

  // A chart that nobody sees asks for nothing.
  watch() {
    const seen = new IntersectionObserver(
      (entries) => {
        this.isSeen = entries.at(-1).isIntersecting;
        if (this.isSeen && this.isStale) this.refresh();
      },
      { rootMargin: EARLY },
    );
    const sized = new ResizeObserver(() => this.drawn?.resize());
    const themed = new MutationObserver(() => this.draw());
    seen.observe(this);
    sized.observe(this.picture);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.watchers = [seen, sized, themed];
  }

  renew() {
    this.isStale = true;
    if (this.isSeen) this.refresh();
  }

  async refresh() {
    this.isStale = false;
    if (this.isAsking) return void (this.isStale = true);
    this.isAsking = true;
    clearTimeout(this.again);
    const late = setTimeout(() => !this.drawn && this.note.hidden && this.say(LOADING), LATE);
    try {
      await this.ask();
    } catch (error) {
      this.fail(`This chart cannot be drawn now. ${error.message}`);
    } finally {
      clearTimeout(late);
      if (this.note.textContent === LOADING) this.say("");
      this.isAsking = false;
    }
    if (this.isStale && this.isSeen) await this.refresh();
  }

  // The text of an answer, or undefined after saying why there is none.
  async fetched(address) {
    const answer = await fetch(address).catch(() => null);
    if (!answer || answer.status >= 500) return void this.fail("The studio does not answer.");
    if (answer.redirected) return void location.reload();
    const text = await answer.text();
    if (answer.ok) return text;
    const told = answer.headers.get("Content-Type").includes("json") ? JSON.parse(text) : {};
    this.say(`This chart cannot be shown. ${told.detail ?? answer.statusText} ${told.hint ?? ""}`);
  }

  // What may be over in a moment is tried again; what is drawn stays.
  fail(text) {
    this.say(`${text} Trying again …`);
    this.again = setTimeout(() => this.renew(), AGAIN);
  }

  size() {
    return { width: this.picture.clientWidth, height: this.picture.clientHeight };
  }

  // An empty picture in the colours of the page.
  clear() {
    this.drawn?.destroy();
    this.drawn = null;
    this.untip();
    this.picture.replaceChildren();
    this.look = theme(this);
  }

  press(event) {
    // What stands in the picture, a list to choose from, has keys of its own.
    if (event.target !== this.picture) return;
    if (event.key === "Escape") return this.escape();
    const found = this.walk.press(event, this.tracks);
    if (!found) return;
    event.preventDefault();
    const seen = found.track.at(found.place);
    const { name, text, left, top } = seen;
    this.stand(seen, found);
    if (left !== undefined) this.tipAt(name, text, left, top);
    this.said.textContent = `${name}, ${text.replaceAll("\n", ", ")}`;
  }

  escape() {
    this.walk.leave();
    this.leave();
  }

  tipAt(name, told, left, top) {
    this.untip();
    this.tip = made("div", "", "chart-tip");
    this.tip.append(made("b", name), made("span", told));
    this.picture.append(this.tip);
    const { clientWidth, clientHeight } = this.picture;
    const width = this.tip.offsetWidth + ASIDE;
    const x = left + width > clientWidth ? left - width : left + ASIDE;
    const y = Math.min(Math.max(top - this.tip.offsetHeight / 2, 0), clientHeight - this.tip.offsetHeight);
    this.tip.style.transform = `translate(${Math.max(x, 0)}px, ${y}px)`;
  }

  untip() {
    this.tip?.remove();
    this.tip = null;
  }

  toggle(button) {
    const isTable = this.table.hidden;
    this.table.hidden = !isTable;
    this.picture.hidden = isTable;
    this.legend.hidden = isTable;
    button.setAttribute("aria-pressed", String(isTable));
    if (isTable) this.fill();
    else this.drawn?.resize();
  }

  say(text) {
    this.note.textContent = text.trim();
    this.note.hidden = !text;
  }
}
