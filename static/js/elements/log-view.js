// <log-view>: follows a log that grows. It stays at the end until somebody scrolls up, and keeps a
// bounded number of lines, however long the log is. Lines come from the server as safe HTML, in pieces;
// what is forgotten at one side is fetched again when somebody goes there.

const EVERY = 1000;
const SOON = 50;
const MOST_LINES = 10000;
// The server sends at most so many at once.
const PIECE_LINES = 1000;
const NEAR = 40;
// So far behind (in bytes), following means to go to the end, not through all that lies between.
const FAR = 2 * 1024 * 1024;

class LogView extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ol");
    this.jump = this.querySelector("[data-jump]");
    this.earlier = this.querySelector("[data-earlier]");
    const told = (name) => Number(this.dataset[name]);
    this.begin({ start: told("start"), end: told("end"), first: told("first"), line: told("line") });
    this.size = this.end;
    this.ended = this.dataset.ended === "1";
    this.following = true;
    this.list.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.jump.addEventListener("click", () => this.follow());
    this.earlier.addEventListener("click", () => this.showEarlier());
    this.toEnd();
    // A run that ended may still deliver a last piece, so even an ended log is asked once more.
    this.timer = setTimeout(() => this.ask(), SOON);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  begin({ start, end, first, line }) {
    this.end = end;
    this.line = line;
    this.pieces = [{ start, first, lines: line - first }];
  }

  get isBehind() {
    return this.end < this.size;
  }

  // Nothing comes by itself that would push away what somebody reads.
  get isFull() {
    return !this.following && this.list.childElementCount > MOST_LINES - PIECE_LINES;
  }

  async ask() {
    clearTimeout(this.timer);
    let more = false;
    if (!document.hidden && !this.isFull) more = await this.append();
    if (this.ended && !more && !document.hidden) return this.classList.add("is-over");
    this.timer = setTimeout(() => this.ask(), more ? SOON : EVERY);
  }

  // One question at a time: two answers from the same place would double their lines.
  async append() {
    if (this.isAsking) return false;
    this.isAsking = true;
    const before = this.end;
    const answer = await this.fetch({ after: before, line: this.line });
    this.isAsking = false;
    if (!answer || this.end !== before) return false;
    // Somebody may have scrolled up just now, before the browser has said so.
    if (this.following && this.list.scrollTop < this.lastEnd - NEAR) this.scrolled();
    this.take(answer);
    this.forgetFirst();
    if (this.following) this.toEnd();
    if (this.following && this.size - this.end > FAR) return this.showLast();
    return this.end > before && this.isBehind;
  }

  take(answer) {
    this.querySelector(".is-partial")?.remove();
    this.list.insertAdjacentHTML("beforeend", answer.html);
    if (answer.line > this.line) {
      this.pieces.push({ start: this.end, first: this.line, lines: answer.line - this.line });
    }
    this.end = answer.end;
    this.line = answer.line;
  }

  async showLast() {
    const known = this.end;
    const answer = await this.fetch({ last: "" });
    if (!answer || this.end !== known) return false;
    this.list.innerHTML = answer.html;
    this.begin(answer);
    this.toEnd();
    return false;
  }

  async showEarlier() {
    const [top] = this.pieces;
    const answer = await this.fetch({ before: top.start, line: top.first });
    if (!answer || top !== this.pieces[0]) return;
    const height = this.list.scrollHeight;
    this.list.insertAdjacentHTML("afterbegin", answer.html);
    this.pieces.unshift({ start: answer.start, first: answer.first, lines: top.first - answer.first });
    this.list.scrollTop += this.list.scrollHeight - height;
    this.following = false;
    this.forgetLast();
    this.offerEarlier();
  }

  async fetch(asked) {
    const address = new URL(this.dataset.src, location.href);
    for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
    try {
      const answer = await fetch(address);
      if (!answer.ok || answer.redirected) return null;
      const told = (name) => Number(answer.headers.get(name));
      const html = await answer.text();
      this.size = told("X-Log-Size");
      this.ended = told("X-Run-Ended") === 1;
      return {
        html,
        start: told("X-Log-Start"),
        end: told("X-Log-End"),
        first: told("X-Log-First"),
        line: told("X-Log-Line"),
      };
    } catch {
      return null;
    }
  }

  scrolled() {
    const below = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight;
    const wasFollowing = this.following;
    this.following = below < NEAR && (wasFollowing || !this.isBehind);
    this.jump.hidden = this.following;
    this.offerEarlier();
    // The end of what is here, not of the log: the next piece comes, and the view stays where it is.
    if (below < NEAR && !this.following) this.append();
  }

  follow() {
    this.following = true;
    this.toEnd();
    this.list.focus({ preventScroll: true });
    this.ask();
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.lastEnd = this.list.scrollTop;
    this.jump.hidden = true;
    this.offerEarlier();
  }

  // Only where somebody has come to the top of what is here.
  offerEarlier() {
    const isAtTop = this.list.scrollTop < this.list.clientHeight;
    this.earlier.hidden = this.pieces[0].start === 0 || !isAtTop;
  }

  forgetFirst() {
    const surplus = () => this.list.childElementCount > MOST_LINES && this.pieces.length > 1;
    while (surplus()) {
      const height = this.list.scrollHeight;
      for (let { lines } = this.pieces.shift(); lines > 0; lines--) this.list.firstElementChild.remove();
      if (!this.following) this.list.scrollTop -= height - this.list.scrollHeight;
    }
  }

  forgetLast() {
    while (this.list.childElementCount > MOST_LINES && this.pieces.length > 1) {
      this.querySelector(".is-partial")?.remove();
      const gone = this.pieces.pop();
      for (let { lines } = gone; lines > 0; lines--) this.list.lastElementChild.remove();
      this.end = gone.start;
      this.line = gone.first;
    }
  }
}

customElements.define("log-view", LogView);
