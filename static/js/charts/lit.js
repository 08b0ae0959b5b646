// The one run that is pointed at, by its number: charts and rows tell each other through the document.

let now = null;

export function isLit() {
  return now;
}

export function light(number) {
  if (number === now) return;
  now = number;
  document.dispatchEvent(new CustomEvent("studio:lit", { detail: number }));
}
