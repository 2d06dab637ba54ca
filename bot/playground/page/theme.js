/** Dark unless this browser was told otherwise. */

import { recall, remember } from "./memory.js";

export function applyTheme() {
  document.documentElement.dataset.theme = recall("theme") === "light" ? "light" : "dark";
}

export function toggleTheme() {
  const { dataset } = document.documentElement;
  dataset.theme = dataset.theme === "light" ? "dark" : "light";
  remember("theme", dataset.theme);
}
