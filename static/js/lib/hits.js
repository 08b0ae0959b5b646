// Where a line has what is sought: as marks in a list, and as ranges that a browser paints.

// The text of a hit, with what was sought in <mark>.
function marked({ text, begin, spans }) {
  const parts = [];
  let place = 0;
  for (const [start, end] of spans.map((span) => span.map((n) => n - begin))) {
    if (start < place || end > text.length) break;
    const mark = document.createElement("mark");
    mark.textContent = text.slice(start, end);
    parts.push(text.slice(place, start), mark);
    place = end;
  }
  return [...parts, text.slice(place)];
}

// A span of a line's text, as a range over the text nodes that its colours cut it into.
export function rangeOf(element, [start, end], highlight) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const range = new Range();
  let place = 0;
  let isBegun = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.data.length;
    if (!isBegun && start < place + length) {
      range.setStart(node, start - place);
      isBegun = true;
    }
    if (isBegun && end <= place + length) {
      range.setEnd(node, end - place);
      highlight.add(range);
      return;
    }
    place += length;
  }
}

// A hit in the list of them: a link to its line.
export function rowOf(hit) {
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = `#L${hit.line}`;
  link.dataset.line = hit.line;
  const number = document.createElement("span");
  number.className = "log-no";
  number.textContent = hit.line;
  link.append(number, ...marked(hit));
  row.append(link);
  return row;
}
