// The dialog that adds a chart or changes one. What it keeps, the studio has said yes to.

const FEWEST = 2;
const MOST = 12;

class ChartForm extends HTMLElement {
  connectedCallback() {
    this.dialog = this.closest("dialog");
    this.rows = this.querySelector("ol");
    this.problem = this.querySelector(".chart-problem");
    this.addEventListener("change", (event) => event.target.name === "kind" && this.show());
    this.addEventListener("click", (event) => this.click(event));
    this.addEventListener("input", (event) => this.suggest(event.target));
    this.addEventListener("keydown", (event) => this.press(event));
    this.dialog.addEventListener("close", () => this.fill({ kind: "line" }));
    this.stop = new AbortController();
    const begin = (event) => event.target.closest('[data-open="chart-dialog"]') && this.begin();
    document.addEventListener("click", begin, { signal: this.stop.signal });
    this.show();
    if (this.dialog.open) this.begin();
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  part(name) {
    return this.querySelector(`[name="${name}"]`);
  }

  get kind() {
    return this.querySelector("[name=kind]:checked").value;
  }

  get columns() {
    return [...this.rows.children].map((row) => row.dataset.id);
  }

  // A new chart begins with what is likely: the best known metric, the columns that are shown.
  async begin() {
    const heads = [...document.querySelectorAll(".table-runs th[data-column]")].map((head) => head.dataset.column);
    this.order(heads.filter((id) => /^(metric|property|param|tag):/.test(id)));
    const names = await this.complete("metric:");
    this.offer("chart-metrics", names, "");
    if (!this.part("metric").value) this.part("metric").value = names.find((name) => !name.startsWith("system")) ?? "";
  }

  open(chart) {
    this.fill(chart);
    this.querySelector("h2").textContent = "Change the chart";
    this.querySelector("[data-apply]").textContent = "Apply";
    this.complete("metric:").then((names) => this.offer("chart-metrics", names, ""));
    this.dialog.showModal();
  }

  fill(chart) {
    this.querySelector("h2").textContent = "Add a chart";
    this.querySelector("[data-apply]").textContent = "Add chart";
    this.querySelector(`[name=kind][value="${chart.kind}"]`).checked = true;
    for (const name of ["metric", "x", "y"]) this.part(name).value = chart[name] ?? "";
    for (const name of ["log", "wide", "tall"]) this.part(name).checked = Boolean(chart[name]);
    this.part("column").value = "";
    this.order(chart.columns ?? []);
    this.complain("");
    this.show();
  }

  show() {
    for (const part of this.querySelectorAll("[data-for]")) {
      part.hidden = !part.dataset.for.split(" ").includes(this.kind);
    }
  }

  order(ids) {
    this.rows.replaceChildren();
    for (const id of ids) this.add(id);
  }

  add(id) {
    if (!id || this.columns.includes(id)) return;
    const row = this.querySelector("[data-row]").content.firstElementChild.cloneNode(true);
    row.dataset.id = id;
    row.querySelector(".column-name").textContent = id;
    const [up, down, leave] = row.querySelectorAll("button");
    up.ariaLabel = `Move ${id} up`;
    down.ariaLabel = `Move ${id} down`;
    leave.ariaLabel = `Leave out ${id}`;
    this.rows.append(row);
    row.scrollIntoView({ block: "nearest" });
  }

  click(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const row = button.closest("li");
    if (button.dataset.move === "-1") row.previousElementSibling?.before(row);
    if (button.dataset.move === "1") row.nextElementSibling?.after(row);
    if (button.dataset.move) button.focus();
    if ("leave" in button.dataset) row.remove();
    if ("apply" in button.dataset) this.keep();
  }

  press(event) {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    if (event.target.name === "column" && event.target.value.trim()) return this.take();
    this.keep();
  }

  take() {
    this.add(this.part("column").value.trim());
    this.part("column").value = "";
  }

  // Names of tags, properties, parameters and metrics come from the studio, as in the search box.
  async complete(text) {
    const address = new URL(this.dataset.complete, location.href);
    address.searchParams.set("filter", text);
    const answer = await fetch(address).catch(() => null);
    return answer?.ok ? (await answer.json()).items.map((item) => item.label) : [];
  }

  offer(list, names, kind) {
    const options = this.querySelector(`#${list}`);
    for (const old of options.querySelectorAll("[data-found]")) old.remove();
    for (const name of names) {
      const option = document.createElement("option");
      option.value = kind + name;
      option.dataset.found = "";
      options.append(option);
    }
  }

  async suggest(input) {
    const { name, value } = input;
    if (name === "metric") return this.offer("chart-metrics", await this.complete(`metric:${value}`), "");
    if (!["x", "y", "column"].includes(name) || !/^(tag|property|param|metric):/.test(value)) return;
    const kind = value.slice(0, value.indexOf(":") + 1);
    this.offer("chart-columns", await this.complete(value), kind);
  }

  get chart() {
    const needs = { line: ["metric"], bar: ["metric"], scatter: ["x", "y"], parallel: [] }[this.kind];
    const chart = { kind: this.kind };
    for (const name of needs) chart[name] = this.part(name).value.trim();
    if (this.kind === "parallel") chart.columns = this.columns;
    for (const name of this.kind === "line" ? ["log", "wide", "tall"] : ["wide", "tall"]) {
      if (this.part(name).checked) chart[name] = true;
    }
    return chart;
  }

  // What is plainly missing is said at once; all else the studio knows better.
  missing({ metric, x, y, columns }) {
    if (metric === "") return "Name a metric.";
    if (x === "" || y === "" || (x && x === y)) return "Name a column for each direction.";
    return columns && (columns.length < FEWEST || columns.length > MOST) ? `${FEWEST} to ${MOST} columns can be drawn side by side.` : "";
  }

  async keep() {
    if (this.kind === "parallel") this.take();
    const { chart } = this;
    const missing = this.missing(chart);
    if (missing) return this.complain(missing);
    const address = new URL(this.dataset.source, location.href);
    address.searchParams.set("chart", JSON.stringify(chart));
    const answer = await fetch(address).catch(() => null);
    if (!answer) return this.complain("The studio does not answer.");
    if (!answer.ok) {
      const { detail = answer.statusText, hint = "" } = await answer.json().catch(() => ({}));
      return this.complain(`${detail} ${hint}`);
    }
    this.dialog.dispatchEvent(new CustomEvent("chart-kept", { detail: chart }));
  }

  complain(text) {
    this.problem.textContent = text.trim();
    this.problem.hidden = !text;
  }
}

customElements.define("chart-form", ChartForm);
