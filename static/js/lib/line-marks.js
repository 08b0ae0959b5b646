// Lines in an address: ?line=120-140, or #L120-L140 as people know it from elsewhere.

export function markedIn(location) {
  const hash = /^#L(\d{1,15})(?:-L?(\d{1,15}))?$/.exec(location.hash);
  const asked = new URLSearchParams(location.search).get("line") ?? "";
  const found = hash ?? /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(asked);
  if (!found) return null;
  const numbers = [Number(found[1]), Number(found[2] ?? found[1])].sort((a, b) => a - b);
  return numbers[0] ? numbers : null;
}

export function markedText([first, last]) {
  return first === last ? String(first) : `${first}-${last}`;
}
