/**
 * Options typed as plain words: `/chart IVOO 6m`, `/chart IVOO interval:weekly`,
 * `/compare SPY QQQ since:ytd`, `/subscribe SPY QQQ`.
 *
 * `name:` starts that option; the value of a text option runs to the next `name:`. "Quotes" keep
 * words together. The other words fill the free options in order: an option with a closed list or
 * a number takes what fits it and is passed over for a later one that fits; a text option takes one
 * word, and with it the following words that look like symbols and fit no closed option, unless the
 * next option is a text, too: then only an option named in the plural does. The last text option
 * takes all the rest.
 */

import { OptionType, check, closedChoices } from "./options.js";

const WORD = /([^\s:"]+):"([^"]*)"?|"([^"]*)"?|\S+/g;
const LOOKS_LIKE_SYMBOL = /^[\^$]?[A-Za-z][A-Za-z.,=-]*$/;
const LOOKS_LIKE_NUMBER = /^-?\d/;
const PERIOD_WORDS = new Set(["ytd", "max", "bottom"]);

/**
 * {values: Map name → text, extra: words that no option took, current: the option that the caret at
 * the end of the text is in, or null}.
 */
export function assign(options, text, world) {
  const values = new Map();
  const [bare, ...named] = split(options, text);
  const loose = [...bare.words];
  for (const { option, words } of named) {
    const count = isText(option, world) ? words.length : choiceWords(option, words, world);
    values.set(option.name, words.slice(0, count).join(" "));
    loose.push(...words.slice(count));
  }
  const free = options.filter(({ name }) => !values.has(name));
  const { extra, last } = fill(free, loose, values, world);
  const inWord = !/\s$/.test(text) && (named.at(-1)?.option ?? last);
  const current = inWord || options.find(({ name }) => !values.has(name)) || null;
  return { values, extra, current };
}

/** The text cut at every known `name:`; the first piece has no option. */
function split(options, text) {
  const pieces = [{ option: null, words: [] }];
  let open = pieces[0];
  for (const [whole, name, value, quoted] of text.matchAll(WORD)) {
    const [, plainName, plainValue] = /^([^\s:"]+):(.*)$/.exec(whole) ?? [];
    const wanted = (name ?? plainName)?.toLowerCase();
    const option = options.find((each) => each.name === wanted);
    const start = value ?? plainValue;
    if (option) pieces.push({ option, words: start ? [start] : [] });
    else open.words.push(quoted ?? whole);
    if (option) open = value === undefined ? pieces.at(-1) : pieces[0];
  }
  return pieces;
}

/** Gives words to options in order; the words left over and the option filled last. */
function fill(options, words, values, world) {
  let extra = words;
  let last = null;
  options.forEach((option, at) => {
    const later = options.slice(at + 1);
    const count = extra.length ? wordsFor(option, later, extra, world) : 0;
    if (!count) return;
    values.set(option.name, extra.slice(0, count).join(" "));
    extra = extra.slice(count);
    last = option;
  });
  return { extra, last };
}

function wordsFor(option, later, words, world) {
  const fitsLater = (word) => later.some((each) => fits(each, word, world));
  if (!isText(option, world)) {
    const passedOver = !fits(option, words[0], world) && fitsLater(words[0]);
    return passedOver ? 0 : choiceWords(option, words, world);
  }
  if (!later.length) return words.length;
  if (isText(later[0], world) && !option.name.endsWith("s")) return 1;
  const goesOn = (word) =>
    LOOKS_LIKE_SYMBOL.test(word) && !PERIOD_WORDS.has(word.toLowerCase()) && !fitsLater(word);
  const stop = words.findIndex((word, at) => at > 0 && !goesOn(word));
  return stop === -1 ? words.length : stop;
}

const isText = (option, world) =>
  option.type === OptionType.STRING && closedChoices(option, world) === null;

/** Whether a word is a value of an option with a closed list or a number. */
function fits(option, word, world) {
  if (closedChoices(option, world)) return !check(option, word, world).error;
  return !isText(option, world) && LOOKS_LIKE_NUMBER.test(word);
}

/** How many words name one of the option's choices, such as "Total return"; one where none fits. */
function choiceWords(option, words, world) {
  const names = (closedChoices(option, world) ?? []).map(({ name }) => name.toLowerCase());
  const counts = [...words.keys()].map((at) => at + 1).reverse();
  return counts.find((count) => names.includes(words.slice(0, count).join(" ").toLowerCase())) ?? 1;
}
