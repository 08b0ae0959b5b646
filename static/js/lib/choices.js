// The list below a box that offers choices: how a choice is drawn, and which one is pointed at.

// ``parts`` are pairs of a class and a text, ``data`` goes into the row's dataset.
export function choice(id, data, parts) {
  const row = document.createElement("li");
  row.role = "option";
  row.id = id;
  Object.assign(row.dataset, data);
  for (const [name, text] of parts) {
    const part = document.createElement("span");
    part.className = name;
    part.textContent = text;
    row.append(part);
  }
  return row;
}

// The focus stays in the box, so the box says which row is meant.
export function point(input, list, chosen) {
  input.removeAttribute("aria-activedescendant");
  [...list.children].forEach((row, place) => {
    row.setAttribute("aria-selected", String(place === chosen));
    if (place !== chosen) return;
    row.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", row.id);
  });
}
