// The Images tab: which step of each name is shown, and which stand side by side. Both are in the address.

import { meant, written } from "../lib/names.js";
import { made } from "./chart-frame.js";

const TINY = 160;

class ImageBoard extends HTMLElement {
  connectedCallback() {
    const asked = new URLSearchParams(location.search);
    const pairs = (text) => (text ?? "").split(",").filter(Boolean).map((pair) => pair.split("~"));
    // The step that is shown, by name; a name that is not here shows its last.
    this.steps = new Map(pairs(asked.get("steps")).map(([name, step]) => [meant(name), Number(step)]));
    this.pins = new Set(pairs(asked.get("side")).map(([name]) => meant(name)));
    this.isLarge = asked.get("size") === "large";
    this.addEventListener("input", (event) => this.typed(event));
    this.addEventListener("change", (event) => this.changed(event));
    this.addEventListener("click", (event) => event.target.closest("[data-unpin]") && this.unpin());
    this.addEventListener("load", ({ target }) => target.classList?.toggle("is-tiny", target.naturalWidth < TINY), true);
    document.addEventListener("studio:shown", () => this.show());
    this.show();
    for (const image of this.querySelectorAll("img")) if (image.complete) image.dispatchEvent(new Event("load"));
  }

  get figures() {
    return [...this.querySelectorAll("#images-grid .image")];
  }

  // Where a name stands: the step that was chosen, or the last before it.
  place(name, steps) {
    if (!this.steps.has(name)) return steps.length - 1;
    const step = this.steps.get(name);
    const place = steps.findLastIndex((each) => each.step <= step);
    return Math.max(place, 0);
  }

  show() {
    if (!this.querySelector("#images-grid")) return;
    this.classList.toggle("is-large", this.isLarge);
    this.querySelector("[data-large]").checked = this.isLarge;
    for (const figure of this.figures) this.draw(figure);
    this.side();
    this.together();
    this.filter();
  }

  draw(figure) {
    const { name, count } = figure.dataset;
    const steps = JSON.parse(figure.dataset.steps);
    const place = this.place(name, steps);
    const { file, address, path, step, time } = steps[place];
    const frame = figure.querySelector(".image-frame");
    frame.href = file;
    const number = Number(count) - steps.length + place + 1;
    const words = `${name}, step ${step}, ${number} of ${count}, logged ${new Date(time * 1000).toLocaleString()}`;
    const image = frame.querySelector("img");
    if (address && image) {
      // A new source of the same address would flicker.
      if (image.getAttribute("src") !== address) image.src = address;
      image.alt = words;
    } else if (address) {
      const fresh = made("img", "");
      Object.assign(fresh, { loading: "lazy", src: address, alt: words });
      frame.replaceChildren(fresh);
    } else frame.replaceChildren(made("span", `${path} is no image that is shown here: open the file.`, "faint"));
    const slider = figure.querySelector("[data-step]");
    if (slider) {
      slider.max = steps.length - 1;
      slider.value = place;
      slider.setAttribute("aria-valuetext", `step ${step}`);
    }
    figure.querySelector("[data-where]").textContent = `step ${step}${Number(count) > 1 ? ` · ${number} of ${count}` : ""}`;
    const pin = figure.querySelector("[data-pin]");
    if (pin) pin.checked = this.pins.has(name);
    return words;
  }

  // One slider for all names: every step that any of them has.
  together() {
    const all = new Set(this.figures.flatMap((figure) => JSON.parse(figure.dataset.steps).map(({ step }) => step)));
    this.all = [...all].sort((a, b) => a - b);
    const field = this.querySelector("#images-steps");
    field.hidden = this.all.length < 2 || this.figures.length < 2;
    const slider = field.querySelector("input");
    const shown = this.figures.map((figure) => this.steps.get(figure.dataset.name) ?? this.all.at(-1));
    slider.max = this.all.length - 1;
    slider.value = Math.max(this.all.findLastIndex((step) => step <= Math.max(...shown)), 0);
    const step = this.all[slider.value];
    field.querySelector("output").textContent = step;
    slider.setAttribute("aria-valuetext", `step ${step}`);
  }

  side() {
    const side = this.querySelector("#images-side");
    const chosen = this.figures.filter((figure) => this.pins.has(figure.dataset.name));
    side.hidden = !chosen.length;
    this.querySelector("[data-unpin]").hidden = !chosen.length;
    side.replaceChildren(
      ...chosen.map((figure) => {
        const copy = figure.cloneNode(true);
        copy.removeAttribute("id");
        copy.querySelector("[data-pin]").closest("label").remove();
        this.draw(copy);
        return copy;
      }),
    );
  }

  typed({ target }) {
    if (target.id === "find-image") return this.filter();
    if (target.matches("[data-all-steps]")) return this.turn(this.all[Number(target.value)]);
    if (!target.matches("[data-step]")) return;
    const { name, steps } = target.closest(".image").dataset;
    const known = JSON.parse(steps);
    const place = Number(target.value);
    // At its end a slider goes on with what is logged.
    if (place === known.length - 1) this.steps.delete(name);
    else this.steps.set(name, known[place].step);
    for (const figure of this.querySelectorAll(".image")) if (figure.dataset.name === name) this.announce(this.draw(figure));
    this.together();
    this.keep();
  }

  turn(step) {
    const isLast = step === this.all.at(-1);
    for (const { dataset } of this.figures) {
      if (isLast) this.steps.delete(dataset.name);
      else this.steps.set(dataset.name, step);
    }
    for (const figure of this.querySelectorAll(".image")) this.draw(figure);
    this.querySelector("[data-all-step]").textContent = step;
    this.querySelector("[data-all-steps]").setAttribute("aria-valuetext", `step ${step}`);
    this.announce(`All at step ${step}`);
    this.keep();
  }

  changed({ target }) {
    if (target.matches("[data-large]")) this.isLarge = target.checked;
    else if (target.matches("[data-pin]")) {
      const { name } = target.closest(".image").dataset;
      if (!this.pins.delete(name)) this.pins.add(name);
    } else return;
    this.keep();
    this.show();
  }

  unpin() {
    this.pins.clear();
    this.keep();
    this.show();
  }

  filter() {
    const word = this.querySelector("#find-image").value.toLowerCase();
    for (const figure of this.figures) figure.hidden = !figure.dataset.name.toLowerCase().includes(word);
  }

  announce(text) {
    this.querySelector("[data-said]").textContent = text;
  }

  keep() {
    const address = new URL(location.href);
    const parts = {
      steps: [...this.steps].map(([name, step]) => `${written(name)}~${step}`).join(","),
      side: [...this.pins].map(written).join(","),
      size: this.isLarge ? "large" : "",
    };
    for (const [name, text] of Object.entries(parts)) {
      if (text) address.searchParams.set(name, text);
      else address.searchParams.delete(name);
    }
    history.replaceState(null, "", address);
  }
}

customElements.define("image-board", ImageBoard);
