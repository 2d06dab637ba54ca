/**
 * Options typed as plain words: `/chart IVOO 6m`, `/chart IVOO interval:weekly`, `/compare SPY QQQ since:ytd`.
 *
 * Words fill the options in order; `name:` starts that option and text values run to the next `name:`.
 * "Quotes" keep words together. An option named in the plural takes every following word that looks
 * like a symbol, and the last text option takes all the rest.
 */

import { OptionType } from "./options.js";

const WORD = /"([^"]*)"?|\S+/g;
const LOOKS_LIKE_SYMBOL = /^[\^$]?[A-Za-z][A-Za-z.,=-]*$/;
const PERIOD_WORDS = new Set(["ytd", "max", "bottom"]);

/** {values: Map name → text, extra: words no option took, current: the option the caret is in or null}. */
export function assign(options, text) {
  const values = new Map();
  const pieces = split(options, text);
  let last = null;
  let extra = [];
  for (const piece of pieces.filter(({ option }) => option)) {
    const count = isFree(piece.option)
      ? piece.words.length
      : choiceWords(piece.option, piece.words);
    values.set(piece.option.name, piece.words.slice(0, count).join(" "));
    extra = extra.concat(piece.words.slice(count));
    last = piece.option;
  }
  const loose = [...pieces.filter(({ option }) => !option).flatMap(({ words }) => words), ...extra];
  const free = options.filter(({ name }) => !values.has(name));
  const [left, filled] = fill(free, loose, values);
  const current =
    last && !/\s$/.test(text) ? last : caretOption(options, values, filled, text, last);
  return { values, extra: left, current };
}

/** The text cut at every known `name:`; the first piece has no option. */
function split(options, text) {
  const pieces = [{ option: null, words: [] }];
  for (const [whole, quoted] of text.matchAll(WORD)) {
    const [, name, value] = /^([^\s:"]+):(.*)$/.exec(whole) ?? [];
    const option = options.find((each) => each.name === name?.toLowerCase());
    if (option) pieces.push({ option, words: value ? [value] : [] });
    else pieces.at(-1).words.push(quoted ?? whole);
  }
  return pieces;
}

/** Gives words to options in order; what is left over and the option filled last. */
function fill(options, words, values) {
  let left = [...words];
  let filled = null;
  options.forEach((option, at) => {
    if (!left.length) return;
    const later = options.slice(at + 1);
    const count = wordsFor(option, later, left);
    values.set(option.name, left.slice(0, count).join(" "));
    left = left.slice(count);
    filled = option;
  });
  return [left, filled];
}

const isFree = ({ type, choices }) => type === OptionType.STRING && !choices?.length;

/** How many words name one of the option's choices, such as "Total return"; one where none fits. */
function choiceWords(option, words) {
  const names = (option.choices ?? []).map(({ name }) => name.toLowerCase());
  const counts = [...words.keys()].map((at) => at + 1).reverse();
  return counts.find((count) => names.includes(words.slice(0, count).join(" ").toLowerCase())) ?? 1;
}

function wordsFor(option, later, words) {
  if (!isFree(option)) return choiceWords(option, words);
  if (!later.length) return words.length;
  if (!option.name.endsWith("s")) return 1;
  const taken = new Set(
    later
      .flatMap(({ choices }) => (choices ?? []).flatMap(({ name, value }) => [name, String(value)]))
      .map((word) => word.toLowerCase()),
  );
  const stop = words.findIndex(
    (word, at) =>
      at > 0 &&
      (!LOOKS_LIKE_SYMBOL.test(word) ||
        PERIOD_WORDS.has(word.toLowerCase()) ||
        taken.has(word.toLowerCase())),
  );
  return stop === -1 ? words.length : stop;
}

function caretOption(options, values, filled, text, last) {
  if (filled && !/\s$/.test(text) && !last) return filled;
  return options.find(({ name }) => !values.has(name)) ?? null;
}
