/**
 * Times as Discord shows them. Relative times count from the market clock where there is one, so that
 * a replay of an old year does not say "three years ago" about its own morning.
 */

import { h } from "./dom.js";

const LOCALE = "en-GB";
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};
const UNITS = [
  ["year", 31_536_000],
  ["month", 2_628_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
const REFRESH_MS = 15_000;
const relativeWords = new Intl.RelativeTimeFormat("en", { numeric: "always" });

let marketNow = null;

/** The market clock shows this moment now and stands there until told again; null means the clock on the wall. */
export function setMarketNow(moment) {
  marketNow = moment ? Date.parse(moment) : null;
  refresh();
}

export function relative(date) {
  const seconds = (date.getTime() - (marketNow ?? Date.now())) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1);
  return relativeWords.format(Math.round(seconds / size), unit);
}

const format = (date, style) => new Intl.DateTimeFormat(LOCALE, STYLES[style]).format(date);

/** The element for `<t:seconds:style>`; null when the moment is out of range. */
export function stamp(seconds, style = "f") {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const text = style === "R" ? relative(date) : format(date, style);
  const attributes = { class: "stamp", datetime: date.toISOString(), title: format(date, "F") };
  return h("time", style === "R" ? { ...attributes, "data-relative": true } : attributes, text);
}

/** "Today at 16:20", "Yesterday at 16:20" or "20/02/2026, 16:20". */
export function messageTime(iso) {
  const date = new Date(iso);
  const day = daysAgo(date);
  const words = { 0: "Today at ", 1: "Yesterday at " }[day];
  const text = words ? words + format(date, "t") : format(date, "s");
  return h("time", { datetime: iso, title: format(date, "F") }, text);
}

/** The hour alone, for messages that follow another one of the same author. */
export function clockTime(iso) {
  const date = new Date(iso);
  return h(
    "time",
    { datetime: iso, title: format(date, "F"), class: "clock-time" },
    format(date, "t"),
  );
}

/** "20 February 2026". */
export function dayName(iso) {
  return format(new Date(iso), "D");
}

function daysAgo(date) {
  const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
  return Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
}

function refresh() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    element.textContent = relative(new Date(element.dateTime));
  }
}

setInterval(refresh, REFRESH_MS);
