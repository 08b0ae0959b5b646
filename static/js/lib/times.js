// Says how long ago something was (data-ago) and how long it has lasted (data-since), and keeps it true.

const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

function ago(seconds) {
  if (seconds < 10) return "just now";
  for (const [unit, length] of UNITS) {
    if (seconds >= length) return words.format(-Math.floor(seconds / length), unit);
  }
  return `${Math.floor(seconds)} seconds ago`;
}

function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${whole % 60} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} m`;
  return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function tell() {
  const now = Date.now();
  for (const element of document.querySelectorAll("time[data-ago], time[data-since]")) {
    const seconds = (now - Date.parse(element.dateTime)) / 1000;
    write(element, "ago" in element.dataset ? ago(seconds) : span(seconds));
  }
}

tell();
setInterval(tell, 1000);
for (const kind of ["studio:shown", "studio:below"]) document.addEventListener(kind, tell);
