// How the charts of a run are arranged, as an address says it: metrics=train/loss~val/loss,accuracy&smooth=0.6

import { meant, written } from "./names.js";

const names = (text) => text.split(",").filter(Boolean).map(meant);
const number = (text) => (text !== null && text !== "" && Number.isFinite(Number(text)) ? Number(text) : null);

export function read(query) {
  const asked = new URLSearchParams(query);
  const charts = asked.get("metrics");
  const smooth = number(asked.get("smooth")) ?? 0;
  const [low, high] = [number(asked.get("from")), number(asked.get("to"))];
  return {
    // Null is: all that the script has logged, each by itself.
    charts: charts === null ? null : charts.split(",").filter(Boolean).map((chart) => chart.split("~").map(meant)),
    hidden: new Set(names(asked.get("hide") ?? "")),
    wide: new Set(names(asked.get("wide") ?? "")),
    tall: new Set(names(asked.get("tall") ?? "")),
    tables: new Set(names(asked.get("tables") ?? "")),
    x: ["time", "relative"].includes(asked.get("x")) ? asked.get("x") : "step",
    smooth: Math.min(Math.max(smooth, 0), 0.99),
    log: asked.get("log") === "1",
    prefix: asked.get("together") === "prefix",
    zoom: low !== null && high !== null && low < high ? { min: low, max: high } : null,
  };
}

export function write(state, { zoom = true } = {}) {
  const parts = {
    metrics: state.charts?.map((chart) => chart.map(written).join("~")).join(","),
    hide: state.charts ? "" : [...state.hidden].map(written).join(","),
    together: state.prefix ? "prefix" : "",
    x: state.x === "step" ? "" : state.x,
    smooth: state.smooth ? String(state.smooth) : "",
    log: state.log ? "1" : "",
    wide: [...state.wide].map(written).join(","),
    tall: [...state.tall].map(written).join(","),
    tables: [...state.tables].map(written).join(","),
    from: zoom && state.zoom ? String(state.zoom.min) : "",
    to: zoom && state.zoom ? String(state.zoom.max) : "",
  };
  const kept = Object.entries(parts).filter(([name, text]) => text || (name === "metrics" && text === ""));
  // Slashes and commas may stand in a query as they are, and are easier to read.
  const plain = (text) => encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%2F", "/");
  return kept.map(([name, text]) => `${name}=${plain(text)}`).join("&");
}
