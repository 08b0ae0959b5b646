// A metric over its steps, a line for each run.

import { curves } from "./curves.js";
import { colour, figure } from "./look.js";

export function draw(picture, data, look, { point, zoom, size }) {
  const lines = data.marks.map((mark) => ({ mark, xs: mark.steps, values: mark.values, colour: colour(mark.number, look) }));
  const said = (line, place) => `step ${figure(line.xs[place])}: ${figure(line.values[place])}`;
  function move(found, left, top) {
    if (!found) return point(null);
    point(found.line.mark, said(found.line, found.place), left, top);
  }
  const drawn = curves(picture, { lines, log: Boolean(data.chart.log) }, look, { size, zoom, move, leave: () => point(null) });
  if (!drawn) return null;
  return {
    // Keys walk what the mouse has drawn out, and all of it before.
    get tracks() {
      const { min, max } = drawn.zoom ?? { min: -Infinity, max: Infinity };
      return drawn.lines.map((line) => {
        const places = [...line.xs.keys()].filter((place) => line.xs[place] >= min && line.xs[place] <= max);
        const at = (place) => ({ ...line.mark, text: said(line, place), ...drawn.cursor(line.xs[place], line.values[place]) });
        return { key: line.mark.number, xs: places.map((place) => line.xs[place]), size: places.length, at: (nth) => at(places[nth]) };
      });
    },
    leave: () => drawn.cursor(null),
    light: (number) => drawn.focus(drawn.lines.findIndex((line) => line.mark.number === number)),
    resize: drawn.resize,
    get zoom() {
      return drawn.zoom;
    },
    destroy: drawn.destroy,
  };
}
