// When the lines of a log arrived, before each of them once somebody wants it: by the clock here, or since
// the run began. The studio tells a time only where it is another than that of the line before.

import { keep, kept } from "./kept.js";

const NAME = "line-times";
const NEXT = { off: "clock", clock: "since", since: "off" };
const TITLES = {
  off: "Times of lines",
  clock: "Times of lines, by the clock here",
  since: "Times of lines, since the run began",
};
const DATE = new Intl.DateTimeFormat("en", { month: "short", day: "2-digit" });
const CLOCK = new Intl.DateTimeFormat("en", { timeStyle: "medium", hourCycle: "h23" });

export class LineTimes {
  constructor(view) {
    this.list = view.querySelector("ol");
    this.note = view.querySelector("[data-no-times]");
    this.began = Number(view.dataset.began);
    this.button = document.getElementById("line-times");
    this.at = new WeakMap();
    this.state = "off";
    this.button?.addEventListener("click", () => this.turn(NEXT[this.state]));
    this.came(this.list.firstElementChild);
    const remembered = kept(NAME);
    if (remembered in TITLES) this.show(remembered);
  }

  turn(state) {
    keep(NAME, state);
    this.show(state);
  }

  show(state) {
    this.state = state;
    this.button?.setAttribute("aria-pressed", String(state !== "off"));
    this.button?.setAttribute("title", TITLES[state]);
    this.button?.setAttribute("aria-label", TITLES[state]);
    for (const line of this.list.children) {
      line.querySelector(".log-at")?.remove();
      this.say(line);
    }
    this.tell();
  }

  // Lines that came, from this one on: what is known already follows them.
  came(line) {
    let at = null;
    for (; line && !this.at.has(line); line = line.nextElementSibling) {
      at = Number(line.dataset.at) || at;
      this.at.set(line, at);
      this.say(line);
    }
    this.tell();
  }

  say(line) {
    if (this.state === "off") return;
    const at = this.at.get(line);
    const time = document.createElement("time");
    time.className = "log-at";
    if (at) {
      time.dateTime = new Date(at).toISOString();
      time.title = time.dateTime;
      time.textContent = this.state === "clock" ? clock(at) : since(at - this.began);
    }
    line.firstElementChild.after(time);
  }

  tell() {
    const isOn = this.state !== "off" && this.list.childElementCount > 0;
    this.note.hidden = !isOn || [...this.list.children].some((line) => this.at.get(line));
  }
}

function clock(at) {
  return `${DATE.format(at)} ${CLOCK.format(at)}`;
}

function since(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const [days, hours] = [Math.floor(seconds / 86400), Math.floor((seconds % 86400) / 3600)];
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  const sign = milliseconds < 0 && seconds ? "−" : "+";
  return days ? `${sign}${days}d ${two(hours)}:${rest}` : `${sign}${hours}:${rest}`;
}
