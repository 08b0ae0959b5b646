// The points of one metric as the studio has sent them, and those that came since.

import { smoothed } from "./joining.js";
import { figure } from "./look.js";

const FULL = 3;

export function lasted(seconds) {
  const size = Math.abs(seconds);
  const [unit, one] = size < 120 ? ["s", 1] : size < 7200 ? ["min", 60] : ["h", 3600];
  return `${figure(Number((seconds / one).toPrecision(4)))} ${unit}`;
}

export class Series {
  constructor(told, most) {
    this.most = most;
    Object.assign(this, told);
    // Where a mean is not told, the value is one point and its own mean.
    this.means = told.means.length ? told.means : told.values;
    this.counts = told.means.length ? told.counts : told.values.map(() => 1);
    this.before = undefined;
  }

  xs(axis) {
    if (axis === "step") return this.steps;
    return axis === "time" ? this.times : this.times.map((time) => time - this.origin);
  }

  // Puts newer points behind these; false if all have to be asked for again.
  add(told, axis) {
    const key = axis === "step" ? "steps" : "times";
    const isBehind = !this[key].length || !told[key].length || told[key][0] >= this[key].at(-1);
    if (!isBehind || this.values.length + told.values.length > FULL * this.most) return false;
    const before = this.values.length;
    for (const [place, text] of Object.entries(told.valueTexts)) this.valueTexts[before + Number(place)] = text;
    this.means = this.means.concat(told.means.length ? told.means : told.values);
    this.counts = this.counts.concat(told.means.length ? told.counts : told.values.map(() => 1));
    for (const name of ["steps", "times", "values"]) this[name] = this[name].concat(told[name]);
    this.total = told.total;
    this.count += told.count;
    this.notFinite += told.notFinite;
    this.isAll &&= told.isAll;
    return true;
  }

  // Takes what was logged before the window: the line inside of it is drawn towards that as well.
  begin(told, axis, low) {
    const before = new Series(told, this.most);
    const behind = before.xs(axis).findIndex((x) => x >= low);
    const end = behind < 0 ? before.values.length : behind;
    this.before = { values: before.means.slice(0, end), counts: before.counts.slice(0, end) };
  }

  // The weight is that of a point, in a long series that of as many as a picture of all of it puts into one:
  // so a line that is looked at closer lies where it lies in the whole. What is known of the points before
  // the window are means of a pixel, so it may be off there by what the values of one pixel differ by.
  smoothed(weight) {
    const each = Math.max(this.total / this.most, 1);
    return smoothed({ values: this.means, counts: this.counts }, weight ** (1 / each), this.before);
  }

  get finite() {
    return this.values.filter((value) => value !== null);
  }

  // Where a point stands, and what was logged there, in words.
  where(axis, place) {
    if (axis === "step") return `step ${this.steps[place].toLocaleString("en")}`;
    if (axis === "time") return new Date(this.times[place] * 1000).toLocaleString();
    return `after ${lasted(this.times[place] - this.origin)}`;
  }

  said(place) {
    const value = this.values[place];
    return value === null ? (this.valueTexts[place] ?? "no number") : figure(value);
  }

  // All of it in a sentence, and what is missing in another.
  get words() {
    const numbers = this.finite;
    if (!numbers.length) return `${this.name}: no number here.`;
    const [low, high] = numbers.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
    const ends = `from ${figure(numbers[0])} to ${figure(numbers.at(-1))}, least ${figure(low)}, most ${figure(high)}`;
    return `${this.name}: ${this.count.toLocaleString("en")} points ${ends}. ${this.odd}`.trim();
  }

  get odd() {
    if (!this.notFinite) return "";
    return `${this.notFinite.toLocaleString("en")} of ${this.count.toLocaleString("en")} values are NaN, infinite or text: gaps.`;
  }
}
