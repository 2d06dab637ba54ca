/** One line that says how a command is used, with the option at hand in bold and explained. */

import { h } from "./dom.js";

export function usage(entry, current) {
  const names = entry.options.map((option) => {
    const text = option.required ? option.name : `[${option.name}]`;
    return h("span", { class: option === current ? "usage-current" : "" }, ` ${text}`);
  });
  const about = current
    ? `${current.description}${current.required ? "" : " · optional"}`
    : entry.description;
  return h(
    "div",
    { class: "usage" },
    h("p", { class: "usage-line" }, h("b", {}, `/${entry.name}`), names),
    h("p", { id: "option-about", class: "usage-about" }, about),
  );
}
