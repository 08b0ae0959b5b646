// Columns of the list against each other: points, or lines through parallel axes, drawn by ECharts.

import { colour, figure } from "./look.js";

const LONGEST = 13;
// Pixels beside the outer axes, and above and below them all.
const SIDES = { left: 46, value: 62, category: 92, time: 92 };
const ENDS = { top: 36, bottom: 20 };

function short(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

function axisOf({ label, type }, place, data, look) {
  const values = data.marks.map((mark) => mark.values[place]).filter((value) => value !== null);
  const line = { lineStyle: { color: look.line } };
  return {
    type,
    ...(type === "category" ? { data: [...new Set(values)] } : {}),
    ...(type === "value" ? { scale: true } : {}),
    name: label,
    nameTextStyle: { color: look.soft, fontSize: 11 },
    axisLine: line,
    axisTick: line,
    splitLine: line,
    axisLabel: {
      color: look.soft,
      fontSize: 11,
      hideOverlap: true,
      // Lines go through the labels of parallel axes: an edge of paper keeps them to be read.
      textBorderColor: look.paper,
      textBorderWidth: 3,
      ...(type === "value" ? { formatter: figure } : {}),
      ...(type === "category" ? { formatter: short } : {}),
    },
  };
}

function scatter(data, look) {
  const [x, y] = data.axes.map((axis, place) => axisOf(axis, place, data, look));
  return {
    grid: { left: 12, right: 22, top: 30, bottom: 30, containLabel: true },
    xAxis: { ...x, nameLocation: "middle", nameGap: 26 },
    yAxis: { ...y, nameTextStyle: { ...y.nameTextStyle, align: "left" } },
    series: {
      type: "scatter",
      symbolSize: 10,
      emphasis: { scale: 1.7, focus: "self" },
      blur: { itemStyle: { opacity: 0.2 } },
      data: data.marks.map((mark) => ({ value: mark.values, itemStyle: { color: colour(mark.number, look, 0.85) } })),
    },
  };
}

function parallel(data, look, { width }) {
  const right = SIDES[data.axes.at(-1).type];
  const axes = data.axes.map((axis, place) => ({
    ...axisOf(axis, place, data, look),
    dim: place,
    axisLine: { lineStyle: { color: look.soft } },
    nameTruncate: { maxWidth: Math.min(140, (width - 140) / (data.axes.length - 1) - 6), ellipsis: "…" },
  }));
  return {
    parallel: { left: SIDES.left, right, ...ENDS },
    parallelAxis: axes,
    series: {
      type: "parallel",
      smooth: false,
      lineStyle: { width: 1.6, opacity: 0.75 },
      emphasis: { lineStyle: { width: 4, opacity: 1 } },
      inactiveOpacity: 0.06,
      data: data.marks.map((mark) => ({
        value: mark.values.map((value) => value ?? "-"),
        lineStyle: { color: colour(mark.number, look) },
      })),
    },
  };
}

// Points are walked from left to right; lines from axis to axis, and from one to the next.
function tracksOf(data, chart, size) {
  const { marks, axes } = data;
  if (data.chart.kind === "scatter") {
    const places = marks.map((mark) => chart.convertToPixel({ seriesIndex: 0 }, mark.values));
    const along = marks.map((_, n) => n).sort((a, b) => places[a][0] - places[b][0]);
    const at = (place) => {
      const [left, top] = places[along[place]];
      return { ...marks[along[place]], text: told(marks[along[place]], axes), left, top };
    };
    return [{ key: "points", size: marks.length, at }];
  }
  const { width, height } = size();
  const gap = (width - SIDES.left - SIDES[axes.at(-1).type]) / (axes.length - 1);
  return marks.map((mark) => ({
    key: mark.number,
    size: axes.length,
    at: (place) => {
      const text = written(mark.values[place], axes[place]) || `${axes[place].label}: nothing`;
      return { ...mark, text, left: SIDES.left + place * gap, top: height / 2 };
    },
  }));
}

function told(mark, axes) {
  return mark.values.map((value, place) => written(value, axes[place])).filter(Boolean).join("\n");
}

function written(value, { label, type }) {
  if (value === null) return "";
  return `${label}: ${type === "time" ? new Date(value).toLocaleString() : figure(value)}`;
}

export function draw(picture, data, look, { point, size }) {
  const { marks } = data;
  const chart = echarts.init(picture, null, { renderer: "canvas", ...size() });
  chart.setOption({
    // Nothing moves: neither for those who asked for that, nor each time that new values come.
    animation: false,
    aria: { enabled: false },
    tooltip: { show: false },
    ...(data.chart.kind === "scatter" ? scatter(data, look) : parallel(data, look, size())),
  });
  chart.on("mouseover", ({ dataIndex, event }) => {
    const mark = marks[dataIndex];
    if (!mark) return;
    point(mark, told(mark, data.axes), event.offsetX, event.offsetY);
  });
  chart.on("mouseout", () => point(null));
  return {
    // Where things are is known when a key asks, and another size moves them.
    get tracks() {
      return tracksOf(data, chart, size);
    },
    light(number) {
      chart.dispatchAction({ type: "downplay", seriesIndex: 0 });
      const place = marks.findIndex((mark) => mark.number === number);
      if (place >= 0) chart.dispatchAction({ type: "highlight", seriesIndex: 0, dataIndex: place });
    },
    resize: () => chart.resize(size()),
    destroy: () => chart.dispose(),
  };
}
