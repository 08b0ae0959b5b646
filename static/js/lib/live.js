// Elements with data-live ask for themselves again every so many milliseconds, and are morphed when
// the studio has something new. A hidden page asks nothing; a page that is shown again asks at once.
// One that is not the whole of its page has an address of its own, in data-from.

const LONGEST_PAUSE = 15000;
const ROW = 40;
const TO_LEAVE = 3000;

// What is done to a new content before it is shown; each is given it and may take its time.
export const before = [];

// What has the focus keeps it, also where its row was moved, or taken away and brought again.
let held = "";
document.addEventListener("focusin", (event) => (held = event.target.id));
document.addEventListener("pointerdown", () => (held = ""));

export function refocus() {
  if (held && document.activeElement === document.body) document.getElementById(held)?.focus({ preventScroll: true });
}

// A form is on its way to another page, and may have deleted what this one shows.
let leavesUntil = 0;
window.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) leavesUntil = Date.now() + TO_LEAVE;
});

class Live {
  constructor(element) {
    this.element = element;
    this.every = Number(element.dataset.live);
    this.failures = 0;
    this.timer = setTimeout(() => this.ask(), this.every);
  }

  async ask() {
    clearTimeout(this.timer);
    if (!this.element.isConnected) return;
    if (!document.hidden && Date.now() > leavesUntil) await this.refresh();
    const pause = Math.min(this.every * 2 ** this.failures, LONGEST_PAUSE);
    this.timer = setTimeout(() => this.ask(), pause);
  }

  async refresh() {
    const known = this.element.querySelector("[data-changed]")?.dataset.changed ?? "";
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const address = new URL(this.element.dataset.from ?? location.href, location.href);
    address.hash = "";
    address.searchParams.set("since", known);
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true" } });
      if (answer.redirected) return location.reload();
      if (answer.status === 200) await this.show(await answer.text(), () => turn === this.turn);
      this.said(answer.status < 500);
    } catch {
      this.said(false);
    }
  }

  // What was asked for after it is newer.
  async show(answer, isNewest) {
    const next = document.createElement("template");
    next.innerHTML = answer;
    this.hold(next.content);
    for (const change of before) await change(next.content);
    if (!isNewest()) return;
    const text = next.innerHTML;
    await htmx.swap({ target: this.element, sourceElement: this.element, swap: "innerMorph", text });
    refocus();
    document.dispatchEvent(new Event("studio:shown"));
  }

  // Whoever reads further down is not moved: rows that are new wait until they are asked for.
  hold(next) {
    if (this.element.dataset.from) return;
    const pill = document.getElementById("new-rows");
    const frame = this.element.querySelector(".grid-frame");
    if (!pill || !frame || frame.scrollTop < ROW || this.isAsked) {
      if (pill) pill.hidden = true;
      this.isAsked = false;
      return;
    }
    const rows = 'tr[id^="run-"]';
    const known = new Set([...this.element.querySelectorAll(rows)].map((row) => row.id));
    const fresh = [...next.querySelectorAll(rows)].filter((row) => !known.has(row.id));
    for (const row of fresh) row.remove();
    pill.hidden = fresh.length === 0;
    pill.textContent = fresh.length === 1 ? "1 new run" : `${fresh.length} new runs`;
    pill.onclick = () => {
      frame.scrollTop = 0;
      this.anew();
    };
  }

  // Asks for the whole of it, whatever is known of it.
  anew() {
    this.isAsked = true;
    const known = this.element.querySelector("[data-changed]");
    if (known) known.dataset.changed = "";
    return this.ask();
  }

  said(worked) {
    this.failures = worked ? 0 : this.failures + 1;
    // One missed answer is nothing; two are worth a word.
    document.getElementById("offline").hidden = this.failures < 2;
  }
}

let regions = [];

// Minds what is on the page now; what has left it asks no more.
export function watch() {
  regions = [...document.querySelectorAll("[data-live]")].map((element) => new Live(element));
}

watch();

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) for (const region of regions) region.ask();
});

// The page has changed its own address.
document.addEventListener("studio:ask", () => {
  for (const region of regions) region.anew();
});
