// Names in an address: they stand between commas, and before or between tildes. Where a name has such a
// mark itself, it is written as %2C.

const MARKS = /[%,~]/g;

export function written(name) {
  return name.replace(MARKS, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function meant(text) {
  return text.replace(/%(25|2C|7E)/gi, (_, code) => String.fromCharCode(parseInt(code, 16)));
}

// Of many names only what they have in common is said.
export function titleOf(names) {
  const prefix = names[0].slice(0, names[0].lastIndexOf("/") + 1);
  const isGroup = names.length > 2 && prefix && names.every((name) => name.startsWith(prefix));
  return isGroup ? `${prefix}… (${names.length} metrics)` : names.join(", ");
}
