// One number of each run as a bar, drawn by uPlot.

import { colour, figure, FONT } from "./look.js";

const LETTER = 6.5;
const FEWEST_LETTERS = 9;

export function draw(picture, data, look, { point, size }) {
  const { marks } = data;
  let lit = -1;
  const axis = { stroke: look.soft, font: FONT, ticks: { show: false } };
  const fills = () => marks.map((mark, place) => colour(mark.number, look, lit < 0 || lit === place ? 0.9 : 0.25));
  const plot = new uPlot(
    {
      ...size(),
      legend: { show: false },
      cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: () => [-0.5, marks.length - 0.5] },
        // A bar begins at nothing, or its length says nothing.
        y: { range: (_, low, high) => [Math.min(0, low * 1.05), Math.max(0, high * 1.05) || (low < 0 ? 0 : 1)] },
      },
      axes: [
        { ...axis, size: 30, grid: { show: false }, splits: () => marks.map((_, place) => place), values: names },
        { ...axis, size: 64, grid: { stroke: look.line, width: 1 }, values: (_, splits) => splits.map(figure) },
      ],
      series: [
        {},
        {
          points: { show: false },
          width: 0,
          fill: look.soft,
          paths: uPlot.paths.bars({ size: [0.72, 90], disp: { fill: { unit: 3, values: fills } } }),
        },
      ],
    },
    [marks.map((_, place) => place), marks.map((mark) => mark.values[0])],
    picture,
  );

  function names(self, splits) {
    const letters = Math.floor(self.bbox.width / devicePixelRatio / marks.length / LETTER) - 1;
    if (letters < FEWEST_LETTERS) return splits.map(() => "");
    return marks.map(({ name }) => (name.length > letters ? `${name.slice(0, letters - 1)}…` : name));
  }

  const said = ({ values: [value] }) => `${data.axes[0].label}: ${figure(value)}`;
  const spot = (place) => ({
    left: plot.over.offsetLeft + plot.valToPos(place, "x"),
    top: plot.over.offsetTop + plot.valToPos(marks[place].values[0], "y"),
  });
  plot.over.addEventListener("mousemove", ({ offsetX, offsetY }) => {
    const mark = marks[Math.round(plot.posToVal(offsetX, "x"))];
    if (!mark) return point(null);
    point(mark, said(mark), plot.over.offsetLeft + offsetX, plot.over.offsetTop + offsetY);
  });
  plot.over.addEventListener("mouseleave", () => point(null));
  return {
    tracks: [{ key: "bars", size: marks.length, at: (place) => ({ ...marks[place], text: said(marks[place]), ...spot(place) }) }],
    light(number) {
      lit = marks.findIndex((mark) => mark.number === number);
      plot.redraw(true);
    },
    resize: () => plot.setSize(size()),
    destroy: () => plot.destroy(),
  };
}
