// What somebody has written and not saved, kept by the browser: a reload, a crash or a studio that is
// away loses nothing.

const PREFIX = "draft ";
const KEPT_MS = 14 * 24 * 3600 * 1000;

export function keep(name, draft) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify({ ...draft, at: Date.now() }));
  } catch {
    // A browser that keeps nothing still saves.
  }
}

export function find(name) {
  try {
    const draft = JSON.parse(localStorage.getItem(PREFIX + name));
    return draft && Date.now() - draft.at < KEPT_MS ? draft : null;
  } catch {
    return null;
  }
}

export function forget(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // Then there is nothing to forget.
  }
}
