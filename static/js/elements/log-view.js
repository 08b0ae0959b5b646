// <log-view>: follows a log that grows, until somebody scrolls up; says then how much is new, and goes on
// where it is told to. Lines come from the server by their numbers, as safe HTML, in pieces; a bounded
// number of them is kept, and what is forgotten at one side is fetched again when somebody goes there.

import { askLines } from "../lib/log-lines.js";
import { LineTimes } from "../lib/line-times.js";
import { markedIn, markedText } from "../lib/line-marks.js";

const EVERY = 1000;
const SOON = 50;
const MOST_LINES = 10000;
const NEAR = 40;
// So close to an edge, the next piece is fetched.
const EDGE = 600;
// So far behind, following means to go to the end, not through all that lies between.
const FAR_LINES = 5000;
// A scroll so soon after ours is ours: a line that is shown because it was asked for stays in sight.
const MOVED = 300;

class LogView extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ol");
    this.pause = this.querySelector("[data-pause]");
    [this.first, this.next, this.total] = ["first", "next", "total"].map((name) => Number(this.dataset[name]));
    this.ended = this.dataset.ended === "1";
    this.times = new LineTimes(this);
    this.known = "";
    this.movedAt = -MOVED;
    this.marked = markedIn(location);
    this.following = !this.marked;
    this.list.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.list.addEventListener("click", (event) => this.clicked(event));
    this.list.addEventListener("keydown", (event) => this.pressed(event));
    this.querySelector("[data-jump]").addEventListener("click", () => this.follow());
    this.onHash = () => this.goToMark();
    addEventListener("hashchange", this.onHash);
    document.getElementById("go-to-line")?.addEventListener("submit", (event) => this.submitted(event));
    for (const link of this.querySelectorAll("[data-plain]")) link.hidden = true;
    if (this.marked) this.goToMark();
    else this.toEnd();
    // A run that ended may still deliver a last piece, so even an ended log is asked once more.
    this.timer = setTimeout(() => this.ask(), SOON);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    removeEventListener("hashchange", this.onHash);
  }

  get last() {
    return this.next - 1 + Number(Boolean(this.querySelector(".is-partial")));
  }

  get isBehind() {
    return this.last < this.total;
  }

  line(number) {
    return document.getElementById(`L${number}`);
  }

  async ask() {
    clearTimeout(this.timer);
    if (!this.isConnected) return;
    if (!document.hidden) {
      if (this.following) await this.append();
      else await this.fetch({ state: "" });
      this.tell();
    }
    if (this.ended && !document.hidden && !(this.following && this.isBehind)) {
      return this.classList.add("is-over");
    }
    this.timer = setTimeout(() => this.ask(), this.following && this.isBehind ? SOON : EVERY);
  }

  // One question at a time: two answers from the same place would double their lines.
  async alone(work) {
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      await work();
    } finally {
      this.isAsking = false;
    }
    // Somebody may have come to an edge meanwhile.
    setTimeout(() => this.isConnected && this.atEdge());
  }

  append() {
    return this.alone(async () => {
      const from = this.next;
      const asked = { from };
      if (!this.isBehind) asked.known = this.known;
      const answer = await this.fetch(asked);
      // Meanwhile another place may have been shown.
      if (from !== this.next) return;
      if (!answer?.html) return this.note(answer);
      // Somebody may have scrolled up just now, before the browser has said so.
      if (this.following && this.list.scrollTop < this.lastEnd - NEAR) this.scrolled();
      if (this.following && this.total - this.next > FAR_LINES) return this.showLast();
      this.querySelector(".is-partial")?.remove();
      this.list.insertAdjacentHTML("beforeend", answer.html);
      this.next = answer.next;
      this.note(answer);
      this.shown(from);
      this.forgetFirst();
      if (this.following) this.toEnd();
    });
  }

  async showLast() {
    const answer = await this.fetch({ last: "" });
    if (answer?.html) this.replace(answer);
    this.toEnd();
  }

  replace(answer) {
    this.list.innerHTML = answer.html;
    this.first = answer.first;
    this.next = answer.next;
    this.note(answer);
    this.shown(this.first);
  }

  // All of it was seen at this size: the next question may be answered with a word.
  note(answer) {
    if (answer?.size) this.known = this.isBehind ? "" : answer.size;
  }

  showEarlier() {
    return this.alone(async () => {
      const before = this.first;
      const answer = await this.fetch({ before });
      if (!answer?.html || before !== this.first) return;
      const height = this.list.scrollHeight;
      this.list.insertAdjacentHTML("afterbegin", answer.html);
      this.first = answer.first;
      this.list.scrollTop += this.list.scrollHeight - height;
      this.shown(this.first);
      this.forgetLast();
    });
  }

  async fetch(asked) {
    const answer = await askLines(this.dataset.src, asked);
    if (answer) [this.total, this.ended] = [answer.total, answer.ended];
    return answer;
  }

  // Whoever marks or searches lines wants to know of new ones.
  shown(from) {
    this.times.came(this.line(from));
    this.mark();
    this.dispatchEvent(new CustomEvent("log:shown", { detail: { from, to: this.last }, bubbles: true }));
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.list;
    const below = scrollHeight - scrollTop - clientHeight;
    const wasFollowing = this.following;
    const isOurs = performance.now() - this.movedAt < MOVED;
    this.following = below < NEAR && (wasFollowing || (!this.isBehind && !isOurs));
    if (wasFollowing && !this.following) this.seen = this.total;
    if (this.following && !wasFollowing && !this.ended) this.ask();
    this.tell();
    this.atEdge();
  }

  atEdge() {
    const { scrollTop, scrollHeight, clientHeight } = this.list;
    const below = scrollHeight - scrollTop - clientHeight;
    if (this.isAsking || !clientHeight) return;
    if (scrollTop < EDGE && this.first > 1) this.showEarlier();
    else if (below < EDGE && !this.following && this.isBehind) this.append();
  }

  // While it stands still: that it does, and how much has come since.
  tell() {
    this.pause.hidden = this.following;
    const count = Math.max(0, this.total - (this.seen ?? this.total));
    this.querySelector("[data-paused]").textContent = this.ended ? "" : "Paused";
    const fresh = this.querySelector("[data-fresh]");
    fresh.textContent = count ? `${count.toLocaleString("en")} new ${count === 1 ? "line" : "lines"}` : "";
  }

  async follow() {
    if (this.isBehind) await this.showLast();
    this.toEnd();
    this.list.focus({ preventScroll: true });
    this.ask();
  }

  toEnd() {
    this.following = true;
    this.list.scrollTop = this.list.scrollHeight;
    this.lastEnd = this.list.scrollTop;
    this.tell();
  }

  // Show a line in the middle, wherever it is in the file.
  async goTo(number) {
    this.stop();
    if (!this.line(number)) {
      const answer = await this.fetch({ around: number });
      if (!answer?.html) return;
      this.replace(answer);
    }
    const line = this.line(Math.min(number, this.last)) ?? this.list.lastElementChild;
    if (!line) return;
    this.center(line);
    // What comes into sight may be higher than was thought.
    requestAnimationFrame(() => this.center(line));
  }

  center(line) {
    this.movedAt = performance.now();
    const middle = line.offsetTop - this.list.offsetTop - this.list.clientHeight / 3;
    this.list.scrollTop = Math.max(0, middle);
    this.tell();
  }

  stop() {
    if (this.following) this.seen = this.total;
    this.following = false;
  }

  goToMark() {
    const marked = markedIn(location);
    if (marked) this.markLines(marked, { goes: true });
  }

  markLines(marked, { goes = false } = {}) {
    this.marked = marked;
    const address = new URL(location.href);
    address.hash = "";
    address.searchParams.set("file", this.dataset.file);
    if (marked) address.searchParams.set("line", markedText(marked));
    else address.searchParams.delete("line");
    history.replaceState(history.state, "", address);
    this.mark();
    return marked && goes ? this.goTo(marked[0]) : null;
  }

  mark() {
    for (const line of this.list.querySelectorAll(".is-marked")) line.classList.remove("is-marked");
    const copy = document.getElementById("copy-line");
    if (copy) {
      copy.hidden = !this.marked;
      copy.dataset.copy = location.href;
    }
    if (!this.marked) return;
    const [first, last] = this.marked;
    const end = Math.min(last, this.last);
    for (let n = Math.max(first, this.first); n <= end; n++) this.line(n)?.classList.add("is-marked");
  }

  clicked(event) {
    const link = event.target.closest("a.log-no");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const number = Number(link.textContent);
    const [from, to] = this.marked ?? [];
    if (event.shiftKey && from) {
      return this.markLines([Math.min(from, number), Math.max(from, number)]);
    }
    this.markLines(from === number && to === number ? null : [number, number]);
  }

  pressed(event) {
    const action = { Home: () => this.goTo(1), End: () => this.follow() }[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  }

  submitted(event) {
    event.preventDefault();
    // A form is sent once; this one is asked again and again.
    event.stopPropagation();
    const number = Math.min(Number(new FormData(event.target).get("line")), Math.max(1, this.total));
    if (number >= 1) this.markLines([number, number], { goes: true });
  }

  forgetFirst() {
    if (this.list.childElementCount <= MOST_LINES) return;
    const height = this.list.scrollHeight;
    for (; this.list.childElementCount > MOST_LINES; this.first++) {
      this.list.firstElementChild.remove();
    }
    if (!this.following) this.list.scrollTop -= height - this.list.scrollHeight;
  }

  forgetLast() {
    if (this.list.childElementCount <= MOST_LINES) return;
    this.querySelector(".is-partial")?.remove();
    while (this.list.childElementCount > MOST_LINES) {
      this.list.lastElementChild.remove();
    }
    this.next = this.first + this.list.childElementCount;
  }
}

customElements.define("log-view", LogView);
