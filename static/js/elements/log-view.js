// <log-view>: follows a log that grows. It stays at the end until somebody scrolls up, and keeps a
// bounded number of lines, however long the log is. Lines come from the server as safe HTML.

const EVERY = 1000;
const SOON = 50;
const MOST_LINES = 20000;
const NEAR = 40;

class LogView extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ol");
    this.jump = this.querySelector("[data-jump]");
    this.earlier = this.querySelector("[data-earlier]");
    this.start = Number(this.dataset.start);
    this.end = Number(this.dataset.end);
    this.first = Number(this.dataset.first);
    this.line = Number(this.dataset.line);
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

  async ask() {
    let more = false;
    if (!document.hidden) more = await this.append();
    if (this.ended && !more && !document.hidden) return this.classList.add("is-over");
    this.timer = setTimeout(() => this.ask(), more ? SOON : EVERY);
  }

  async append() {
    const answer = await this.fetch({ after: this.end, line: this.line });
    if (!answer) return false;
    // Somebody may have scrolled up just now, before the browser has said so.
    if (this.list.scrollTop < this.lastEnd - NEAR) this.scrolled();
    const before = this.end;
    this.querySelector(".is-partial")?.remove();
    this.list.insertAdjacentHTML("beforeend", answer.html);
    this.end = answer.end;
    this.line = answer.line;
    this.ended = answer.ended;
    this.forget();
    if (this.following) this.toEnd();
    return this.end > before && this.end < answer.size;
  }

  async showEarlier() {
    const answer = await this.fetch({ before: this.start, line: this.first });
    if (!answer) return;
    const height = this.list.scrollHeight;
    this.list.insertAdjacentHTML("afterbegin", answer.html);
    this.start = answer.start;
    this.first = Number(this.list.querySelector(".log-no")?.textContent ?? this.first);
    this.earlier.hidden = this.start === 0;
    this.list.scrollTop += this.list.scrollHeight - height;
  }

  async fetch(asked) {
    const address = new URL(this.dataset.src, location.href);
    for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
    try {
      const answer = await fetch(address);
      if (!answer.ok) return null;
      const told = (name) => Number(answer.headers.get(name));
      return {
        html: await answer.text(),
        start: told("X-Log-Start"),
        end: told("X-Log-End"),
        line: told("X-Log-Line"),
        size: told("X-Log-Size"),
        ended: told("X-Run-Ended") === 1,
      };
    } catch {
      return null;
    }
  }

  scrolled() {
    const below = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight;
    this.following = below < NEAR;
    this.jump.hidden = this.following;
  }

  follow() {
    this.following = true;
    this.toEnd();
    this.list.focus({ preventScroll: true });
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.lastEnd = this.list.scrollTop;
    this.jump.hidden = true;
  }

  forget() {
    if (!this.following) return;
    while (this.list.childElementCount > MOST_LINES) this.list.firstElementChild.remove();
  }
}

customElements.define("log-view", LogView);
