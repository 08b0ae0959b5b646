// Changing the text of a field so that Undo takes it back, and where its caret stands.

const COPIED = [
  "boxSizing", "width", "borderLeftWidth", "borderTopWidth", "paddingTop", "paddingRight", "paddingBottom",
  "paddingLeft", "font", "letterSpacing", "lineHeight", "tabSize", "wordBreak",
];

export function replace(field, start, end, text) {
  field.focus();
  field.setSelectionRange(start, end);
  const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (done) return;
  field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Text on lines of its own, with the lines around it left as they are.
export function insertBlock(field, text) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const before = value.slice(0, start);
  const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  replace(field, start, end, `${gap}${text}\n`);
}

// Where a character of the field stands, in pixels from the field's corner: a copy of it is measured.
export function placeOf(field, position) {
  const copy = document.createElement("div");
  const look = getComputedStyle(field);
  for (const name of COPIED) copy.style[name] = look[name];
  Object.assign(copy.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word" });
  copy.textContent = field.value.slice(0, position);
  const mark = document.createElement("span");
  mark.textContent = "\u200b";
  copy.append(mark);
  field.after(copy);
  const found = { left: mark.offsetLeft, top: mark.offsetTop - field.scrollTop + mark.offsetHeight };
  copy.remove();
  return found;
}

const ITEM = /^(\s*)(?:([-*+])|(\d{1,9})([.)]))( \[[ xX]\])? /;

// Enter in a list begins its next item; in an empty item it ends the list. Says whether it did.
export function continueList(field) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  if (start !== end) return false;
  const begin = value.lastIndexOf("\n", start - 1) + 1;
  const line = value.slice(begin, start);
  const item = ITEM.exec(line);
  if (!item) return false;
  if (line.length === item[0].length) {
    replace(field, begin, start, "");
    return true;
  }
  const [, indent, bullet, number, dot, task] = item;
  const sign = bullet ?? `${Number(number) + 1}${dot}`;
  replace(field, start, end, `\n${indent}${sign}${task ? " [ ]" : ""} `);
  return true;
}
