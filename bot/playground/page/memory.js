/** What this browser remembers between visits; a browser that refuses storage simply forgets. */

const PREFIX = "highwater.";

export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // A full or forbidden storage costs the memory, nothing else.
  }
}
