// Lines of different places on one axis, and where a line is at a place.

// A place that one line has twice has two columns. Where a line has nothing it is undefined, and drawn
// through; null is a value that is no number, and a gap.
export function joined(lines) {
  if (lines.length === 1) return [lines[0].xs, lines[0].values];
  const most = new Map();
  for (const { xs } of lines) {
    let times = 0;
    xs.forEach((x, at) => {
      times = at && x === xs[at - 1] ? times + 1 : 1;
      if (times > (most.get(x) ?? 0)) most.set(x, times);
    });
  }
  const all = [];
  const places = new Map();
  for (const [x, times] of [...most].sort((a, b) => a[0] - b[0])) {
    places.set(x, all.length);
    for (let n = 0; n < times; n++) all.push(x);
  }
  const columns = lines.map(({ xs, values }) => {
    const column = new Array(all.length).fill(undefined);
    let times = 0;
    xs.forEach((x, at) => {
      times = at && x === xs[at - 1] ? times + 1 : 0;
      column[places.get(x) + times] = values[at];
    });
    return column;
  });
  return [all, ...columns];
}

// The last place of a line that is not behind x.
function before(xs, x) {
  let low = 0;
  let high = xs.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle;
    else high = middle;
  }
  return low;
}

// Where a line is at x, and its point that is nearest to there.
export function at({ xs, values }, x) {
  const last = xs.length - 1;
  if (x <= xs[0] || x >= xs[last]) {
    const end = x <= xs[0] ? 0 : last;
    return { value: values[end], point: end };
  }
  const low = before(xs, x);
  const way = xs[low + 1] === xs[low] ? 0 : (x - xs[low]) / (xs[low + 1] - xs[low]);
  const point = way < 0.5 ? low : low + 1;
  const value = values[low] === null || values[low + 1] === null ? values[point] : values[low] + way * (values[low + 1] - values[low]);
  return { value, point };
}

// Powers of ten have no place for what is not positive.
export function positive(line) {
  const kept = line.values.map((_, place) => place).filter((place) => line.values[place] === null || line.values[place] > 0);
  return { ...line, xs: kept.map((place) => line.xs[place]), values: kept.map((place) => line.values[place]) };
}

// Each value drawn towards those before it, as much as the weight of a point says; begun without a pull to
// nothing, or with what lies before. A mean of many points pulls as each of them by itself would.
export function smoothed(line, weight, before = { values: [], counts: [] }) {
  let mean = 0;
  let share = 0;
  function next(value, count) {
    if (value === null) return null;
    const kept = weight ** count;
    mean = kept * mean + (1 - kept) * value;
    share = kept * share + (1 - kept);
    return share ? mean / share : value;
  }
  before.values.forEach((value, at) => next(value, before.counts[at]));
  return line.values.map((value, at) => next(value, line.counts[at]));
}

// The place of a line that is nearest to x.
export function nearest(xs, x) {
  const low = before(xs, x);
  return low + 1 < xs.length && Math.abs(xs[low + 1] - x) < Math.abs(xs[low] - x) ? low + 1 : low;
}
