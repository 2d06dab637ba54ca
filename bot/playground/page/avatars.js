/** Avatars, drawn here: initials on a gradient for people, the high-water mark for the bot. */

import { h, s } from "./dom.js";
import { displayName } from "./world.js";

const HUES = 6;

/** A decorative avatar; the name always stands beside it. */
export function avatar(user, size = "") {
  const attributes = {
    class: `avatar ${size} ${user?.bot ? "avatar-bot" : `avatar-${hue(user)}`}`,
    "aria-hidden": "true",
  };
  return h("span", attributes, user?.bot ? mark() : initials(displayName(user)));
}

function hue(user) {
  const digits = [...(user?.id ?? "0")].map(Number);
  return digits.reduce((sum, digit, place) => sum + digit * (place + 1), 0) % HUES;
}

function initials(name) {
  return name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
}

/** The mark of Highwater: a price line that passes the high-water line. */
export function mark() {
  return s(
    "svg",
    { viewBox: "0 0 40 40", class: "mark" },
    s("path", { class: "mark-level", d: "M7 14h26" }),
    s("path", { class: "mark-line", d: "M7 28c4 0 5-5 8.500-5s3.500 4 7 4S27 9 33 9" }),
  );
}

/** The tag beside an application's name. */
export function botTag() {
  return h("span", { class: "tag" }, "BOT");
}
