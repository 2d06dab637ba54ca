/** What this browser remembers between visits; a browser that refuses storage simply forgets. */

const PREFIX = "highwater.";

/** `storage` is "localStorage" (kept) or "sessionStorage" (until the tab closes). */
export function recall(name, storage = "localStorage") {
  try {
    return window[storage].getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name, value, storage = "localStorage") {
  try {
    window[storage].setItem(PREFIX + name, value);
  } catch {
    // A full or forbidden storage costs the memory, nothing else.
  }
}
