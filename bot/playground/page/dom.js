/**
 * Building elements. Data reaches the page as text nodes and attribute values only,
 * never through an HTML parser; addresses pass `webAddress` or `ownImage` first.
 */

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (functions named `on…` become listeners) and children. */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return element;
}

/** An http(s) address as written, or null for anything else. */
export function webAddress(text) {
  try {
    const url = new URL(text);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * The address of a file that this server keeps, without its host (the page may have been opened
 * under another name of the same machine), or null: the page loads nothing from elsewhere.
 */
export function ownFile(text) {
  try {
    const url = new URL(text, location.href);
    const local = url.host === location.host || /^(127\.|localhost$|\[::1\]$)/.test(url.hostname);
    return local && /^https?:$/.test(url.protocol) ? url.pathname + url.search : null;
  } catch {
    return null;
  }
}

/** A link that opens beside the playground; plain text when the address is not http(s). */
export function link(address, attributes, ...children) {
  const href = webAddress(address);
  if (!href) return h("span", {}, ...children);
  return h("a", { ...attributes, href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

const ICONS = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h17M3 15h17",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  at: "M16 12a4 4 0 1 0-4 4c3 0 4-2 4-4zm0 0c0 4 5 4 5-1a9 9 0 1 0-4 8",
  menu: "M4 6h16M4 12h16M4 18h16",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500 19 19M5 19l1.500-1.500M17.500 6.500 19 5",
  moon: "M20 14A8 8 0 1 1 10 4a6.500 6.500 0 0 0 10 10z",
  help: "M9 9a3 3 0 1 1 4 3c-.8.4-1 1-1 2M12 17.500v.5M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  people:
    "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3 20c0-4 3-6 6-6s6 2 6 6M16 5.500a3 3 0 0 1 0 5.500M18 14.500c2 .8 3 2.800 3 5.500",
  play: "M8 5v14l11-7z",
  pause: "M8 5v14M16 5v14",
  step: "M6 5v14l9-7zM18 5v14",
  close: "M6 6l12 12M18 6 6 18",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  reply: "M20 18v-3a4 4 0 0 0-4-4H5M9 6l-5 5 5 5",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  down: "M12 4v12M7 11l5 5 5-5M5 20h14",
  out: "M13 5h6v6M19 5l-9 9M17 14v5H5V7h5",
  eye: "M2 12s4-6 10-6 10 6 10 6-4 6-10 6-10-6-10-6zM12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z",
  send: "M4 12 20 5l-5 15-3.500-6.500z",
  chevron: "M6 9l6 6 6-6",
  check: "M5 12l5 5 9-11",
  plus: "M12 5v14M5 12h14",
  warn: "M12 4 2.500 20h19zM12 10v4M12 17v.5",
};

/** A line drawing of 24 × 24 units; decoration, so hidden from screen readers. */
export function icon(name) {
  return s(
    "svg",
    { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" },
    s("path", { d: ICONS[name] }),
  );
}

/** A button that shows an icon only and says its name. */
export function iconButton(name, label, onclick, attributes = {}) {
  return h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": label,
      title: label,
      onclick,
      ...attributes,
    },
    icon(name),
  );
}
