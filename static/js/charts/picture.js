// A chart as a PNG: its canvas on paper, with its title and its legend.

const EDGE = 12;
const LINE = 20;

export function save(chart, name) {
  const source = chart.picture.querySelector("canvas");
  if (!source) return chart.say("This chart has no picture to save; its table has a CSV.");
  const scale = devicePixelRatio;
  const keys = [...chart.legend.querySelectorAll("li")];
  const canvas = document.createElement("canvas");
  canvas.width = source.width + 2 * EDGE * scale;
  canvas.height = source.height + (2 * EDGE + 2 * LINE) * scale;
  const brush = canvas.getContext("2d");
  brush.fillStyle = chart.look.paper;
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(source, EDGE * scale, (EDGE + LINE) * scale);
  brush.scale(scale, scale);
  brush.fillStyle = chart.look.ink;
  brush.font = "600 13px system-ui, sans-serif";
  brush.fillText(chart.closest(".chart").querySelector(".chart-title").textContent, EDGE, EDGE + 10);
  brush.font = "12px system-ui, sans-serif";
  let left = EDGE;
  for (const key of keys) {
    const text = key.querySelector(".chart-key").textContent;
    brush.fillStyle = key.querySelector(".chart-swatch").style.background;
    brush.fillRect(left, canvas.height / scale - EDGE - 8, 14, 3);
    brush.fillStyle = chart.look.ink;
    brush.fillText(text, left + 19, canvas.height / scale - EDGE - 2);
    left += brush.measureText(text).width + 36;
  }
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${name.replaceAll("/", "-")}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}
