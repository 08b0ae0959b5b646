// Curves over one axis, drawn by uPlot: what the run list, the metrics of a run and their kinds share.

import { at, joined, positive } from "./joining.js";
import { figure, FONT } from "./look.js";

const NEAR = 40;
const FEW = 30;
const SMALLEST = 4;

// A line: xs, values, its colour, and if it is faint, dashed, bars, or a bound that is not drawn itself.
function seriesOf(line) {
  const isAlone = line.values.filter((value) => value !== null).length < FEW;
  return {
    stroke: line.colour,
    width: line.isBound ? 0 : (line.width ?? 1.5),
    dash: line.isDashed ? [5, 5] : undefined,
    ...(line.isBars ? { fill: line.colour, paths: uPlot.paths.bars({ size: [0.92, 200] }) } : {}),
    points: { show: isAlone && !(line.isBound || line.isDashed || line.isFaint || line.isBars), size: 4, fill: line.colour },
  };
}

function prepared(lines, isLog) {
  return (isLog ? lines.map(positive) : lines).filter((line) => line.xs.length);
}

function wide(_, low, high) {
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

export function curves(picture, chart, look, { size, zoom, zoomed, move, leave }) {
  let lines = prepared(chart.lines, chart.log);
  if (!lines.some((line) => line.values.some((value) => value !== null))) return null;
  const axis = { stroke: look.soft, font: FONT, grid: { stroke: look.line, width: 1 }, ticks: { stroke: look.line, width: 1 } };
  const format = (say) => (_, splits) => splits.map((split) => (split === null ? "" : say(split)));
  const plot = new uPlot(
    {
      ...size(),
      legend: { show: false },
      padding: [null, 26, null, null],
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false },
        ...(zoomed ? { bind: { dblclick: () => () => zoomed(null) } } : {}),
      },
      focus: { alpha: 0.18 },
      scales: { x: { time: Boolean(chart.isTime), range: chart.ends ? () => chart.ends : wide }, y: { distr: chart.log ? 3 : 1, ...(chart.range ? { range: chart.range } : {}) } },
      axes: [
        { ...axis, size: 30, ...(chart.isTime ? {} : { values: format(chart.sayX ?? figure) }) },
        { ...axis, size: 64, values: format(figure) },
      ],
      bands: chart.bands ?? [],
      series: [{}, ...lines.map(seriesOf)],
      hooks: { setSelect: [(self) => zoomed && select(self)] },
    },
    joined(lines),
    picture,
  );
  if (zoom) plot.setScale("x", zoom);

  function select(self) {
    const { left, width } = self.select;
    if (width < SMALLEST) return;
    zoomed({ min: self.posToVal(left, "x"), max: self.posToVal(left + width, "x") });
  }

  // The line that is nearest to a place on the picture, and its point there.
  function nearest(offsetX, offsetY) {
    const x = plot.posToVal(offsetX, "x");
    let best = null;
    for (const line of lines.filter((line) => !line.isBound && !line.isFaint && !line.isDashed)) {
      const { value, point } = at(line, x);
      if (value === null) continue;
      const away = Math.abs(plot.valToPos(value, "y") - offsetY);
      if (away < NEAR && (!best || away < best.away)) best = { line, place: point, away };
    }
    return best;
  }

  plot.over.addEventListener("mousemove", ({ offsetX, offsetY }) => {
    move(nearest(offsetX, offsetY), plot.over.offsetLeft + offsetX, plot.over.offsetTop + offsetY, plot.posToVal(offsetX, "x"));
  });
  plot.over.addEventListener("mouseleave", leave);
  return {
    focus(place) {
      plot.setSeries(place < 0 ? null : place + 1, { focus: true });
    },
    // Where a point is on the picture; the cursor goes there.
    cursor(x, value) {
      if (x === null) return void plot.setCursor({ left: -10, top: -10 });
      const left = plot.valToPos(x, "x");
      const top = value === undefined || value === null ? 0 : plot.valToPos(value, "y");
      plot.setCursor({ left, top });
      return { left: plot.over.offsetLeft + left, top: plot.over.offsetTop + top };
    },
    // New points of the same lines: what was drawn out by hand stays.
    set(next) {
      const kept = prepared(next, chart.log);
      if (kept.length !== lines.length) return false;
      const { min, max } = plot.scales.x;
      lines = kept;
      plot.batch(() => {
        plot.setData(joined(lines), true);
        if (zoom) plot.setScale("x", { min, max });
      });
      return true;
    },
    resize: () => plot.setSize(size()),
    get lines() {
      return lines;
    },
    // What was drawn out by hand stays when all is drawn again; the whole width grows with new points.
    get zoom() {
      const [xs] = plot.data;
      const { min, max } = plot.scales.x;
      return min > xs[0] || max < xs.at(-1) ? { min, max } : null;
    },
    canvas: plot.root.querySelector("canvas"),
    destroy: () => plot.destroy(),
  };
}
