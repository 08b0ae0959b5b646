// Choices that a browser remembers. It may have been told to remember nothing: then they last for the page.

export function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // It is no reason to refuse the choice itself.
  }
}
