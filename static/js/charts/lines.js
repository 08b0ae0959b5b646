// A metric over its steps, a line for each run, drawn by uPlot.

import { colour, figure, FONT } from "./look.js";

const NEAR = 40;

// Lines of different steps on one axis. A step that one line has twice has two places there.
function joined(marks) {
  const most = new Map();
  for (const { steps } of marks) {
    let times = 0;
    steps.forEach((step, at) => {
      times = at && step === steps[at - 1] ? times + 1 : 1;
      if (times > (most.get(step) ?? 0)) most.set(step, times);
    });
  }
  const xs = [];
  const places = new Map();
  for (const [step, times] of [...most].sort((a, b) => a[0] - b[0])) {
    places.set(step, xs.length);
    for (let n = 0; n < times; n++) xs.push(step);
  }
  const columns = marks.map(({ steps, values }) => {
    const column = new Array(xs.length).fill(null);
    let times = 0;
    steps.forEach((step, at) => {
      times = at && step === steps[at - 1] ? times + 1 : 0;
      column[places.get(step) + times] = values[at];
    });
    return column;
  });
  return [xs, ...columns];
}

// Where a line is at a step, and its point that is nearest to there.
function at({ steps, values }, step) {
  const last = steps.length - 1;
  if (step < steps[0] || step > steps[last]) {
    const end = step < steps[0] ? 0 : last;
    return { value: values[end], point: end };
  }
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle;
    else high = middle;
  }
  const way = steps[high] === steps[low] ? 0 : (step - steps[low]) / (steps[high] - steps[low]);
  return { value: values[low] + way * (values[high] - values[low]), point: way < 0.5 ? low : high };
}

function positive(mark) {
  const kept = mark.values.map((value, place) => place).filter((place) => mark.values[place] > 0);
  return { ...mark, steps: kept.map((p) => mark.steps[p]), values: kept.map((p) => mark.values[p]) };
}

export function draw(picture, data, look, { point, zoom, size }) {
  const isLog = Boolean(data.chart.log);
  // Powers of ten have no place for what is not positive.
  const marks = data.marks.map((mark) => (isLog ? positive(mark) : mark)).filter((mark) => mark.steps.length);
  if (!marks.length) return null;
  const axis = { stroke: look.soft, font: FONT, grid: { stroke: look.line, width: 1 }, ticks: { stroke: look.line, width: 1 } };
  const format = (_, splits) => splits.map((split) => (split === null ? "" : figure(split)));
  const plot = new uPlot(
    {
      ...size(),
      legend: { show: false },
      padding: [null, 26, null, null],
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
      focus: { alpha: 0.18 },
      scales: { x: { time: false }, y: { distr: isLog ? 3 : 1 } },
      axes: [
        { ...axis, size: 30, values: format },
        { ...axis, size: 64, values: format },
      ],
      series: [
        {},
        ...marks.map((mark) => ({
          stroke: colour(mark.number, look),
          width: 1.5,
          spanGaps: true,
          points: { show: mark.steps.length < 30, size: 4, fill: colour(mark.number, look) },
        })),
      ],
    },
    joined(marks),
    picture,
  );
  if (zoom) plot.setScale("x", zoom);

  function move({ offsetX, offsetY }) {
    const step = plot.posToVal(offsetX, "x");
    let best = null;
    for (const mark of marks) {
      const { value, point: place } = at(mark, step);
      const away = Math.abs(plot.valToPos(value, "y") - offsetY);
      if (away < NEAR && (!best || away < best.away)) best = { mark, place, away };
    }
    if (!best) return point(null);
    const { mark, place } = best;
    const told = `step ${figure(mark.steps[place])}: ${figure(mark.values[place])}`;
    point(mark, told, plot.over.offsetLeft + offsetX, plot.over.offsetTop + offsetY);
  }

  plot.over.addEventListener("mousemove", move);
  plot.over.addEventListener("mouseleave", () => point(null));
  return {
    light(number) {
      const place = marks.findIndex((mark) => mark.number === number);
      plot.setSeries(place < 0 ? null : place + 1, { focus: true });
    },
    resize: () => plot.setSize(size()),
    // What was drawn out by hand stays when new points come; the whole width grows with them.
    get zoom() {
      const [xs] = plot.data;
      const { min, max } = plot.scales.x;
      return min > xs[0] || max < xs.at(-1) ? { min, max } : null;
    },
    destroy: () => plot.destroy(),
  };
}
