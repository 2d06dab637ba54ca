/** Options of a command: their types, the check of a typed text and the suggestions for it. */

import { displayName } from "./world.js";

export const OptionType = {
  STRING: 3,
  INTEGER: 4,
  BOOLEAN: 5,
  USER: 6,
  CHANNEL: 7,
  ROLE: 8,
  MENTIONABLE: 9,
  NUMBER: 10,
  ATTACHMENT: 11,
};
const MOST_SUGGESTIONS = 25;
const TRUTH = [
  { name: "True", value: true },
  { name: "False", value: false },
];
const KINDS = {
  [OptionType.USER]: "a member",
  [OptionType.CHANNEL]: "a channel",
  [OptionType.ROLE]: "a role",
  [OptionType.MENTIONABLE]: "a member or role",
};

/** The closed list of values of an option, or null where any text may stand. */
export function closedChoices(option, world) {
  if (option.choices?.length) return option.choices;
  const members = () =>
    world.store.members.map(({ user, title }) => ({
      name: `@${displayName(user)}`,
      value: user.id,
      description: title,
    }));
  const roles = () => world.roles().map(({ name, id }) => ({ name: `@${name}`, value: id }));
  const channels = () =>
    world
      .visibleChannels()
      .filter(({ type }) => !option.channel_types?.length || option.channel_types.includes(type))
      .map(({ name, id }) => ({ name: `#${name}`, value: id }));
  const lists = {
    [OptionType.BOOLEAN]: () => TRUTH,
    [OptionType.USER]: members,
    [OptionType.ROLE]: roles,
    [OptionType.CHANNEL]: channels,
    [OptionType.MENTIONABLE]: () => [...members(), ...roles()],
  };
  return lists[option.type]?.() ?? null;
}

/** The choices whose name fits the text, those that begin with it first. */
export function fitting(choices, text) {
  const wanted = plain(text);
  const begins = choices.filter(({ name }) => plain(name).startsWith(wanted));
  const contains = choices.filter(
    ({ name }) => !plain(name).startsWith(wanted) && plain(name).includes(wanted),
  );
  return [...begins, ...contains].slice(0, MOST_SUGGESTIONS);
}

const plain = (text) => String(text).toLowerCase().replace(/^[@#]/, "");

/** {value} to send for a typed text, or {error} as a sentence. */
export function check(option, text, world) {
  const closed = closedChoices(option, world);
  if (closed) return checkChoice(option, closed, text.trim());
  if (option.type === OptionType.INTEGER || option.type === OptionType.NUMBER)
    return checkNumber(option, text.trim());
  return checkText(option, text);
}

function checkChoice(option, choices, text) {
  const exact = choices.find(({ name, value }) =>
    [plain(name), plain(value)].includes(plain(text)),
  );
  const begins = choices.filter(({ name }) => plain(name).startsWith(plain(text)));
  const found = exact ?? (text && begins.length === 1 ? begins[0] : null);
  if (found) return { value: found.value };
  const names =
    choices
      .slice(0, 8)
      .map(({ name }) => name)
      .join(", ") + (choices.length > 8 ? "…" : "");
  return { error: `${option.name} takes ${KINDS[option.type] ?? "one of these"}: ${names}.` };
}

function checkNumber(option, text) {
  const whole = option.type === OptionType.INTEGER;
  const number = Number(text.replace(",", "."));
  const { min_value: least, max_value: most } = option;
  const inside = number >= (least ?? -Infinity) && number <= (most ?? Infinity);
  if (text && Number.isFinite(number) && inside && (!whole || Number.isInteger(number)))
    return { value: number };
  const range = [least !== undefined && `from ${least}`, most !== undefined && `up to ${most}`]
    .filter(Boolean)
    .join(" ");
  return {
    error: `${option.name} must be a ${whole ? "whole " : ""}number${range ? ` ${range}` : ""}.`,
  };
}

function checkText(option, text) {
  const { min_length: least = 0, max_length: most = 6000 } = option;
  if (text.length < least) return { error: `${option.name} needs at least ${least} characters.` };
  if (text.length > most)
    return {
      error: `${option.name} may have ${most} characters at most; these are ${text.length}.`,
    };
  return { value: text };
}

/**
 * Checks all texts of a command. `texts`: name → text (a picked suggestion counts as its value).
 * Returns {given: Map name → value, problem: {option, error} or null}.
 */
export function checkAll(entry, texts, world) {
  const given = new Map();
  for (const option of entry.options) {
    const text = texts.get(option.name) ?? "";
    if (option.type === OptionType.ATTACHMENT) continue;
    if (text.trim() === "") {
      if (option.required)
        return {
          given,
          problem: {
            option,
            error: `${option.name} is required: ${lowerFirst(option.description)}`,
          },
        };
      continue;
    }
    const { value, error } = check(option, text, world);
    if (error) return { given, problem: { option, error } };
    given.set(option.name, value);
  }
  return { given, problem: null };
}

/** Whether a file must be chosen, which no typed words can do. */
export const needsFile = (entry) =>
  entry.options.some(({ type, required }) => required && type === OptionType.ATTACHMENT);

const lowerFirst = (text) => text.charAt(0).toLowerCase() + text.slice(1);

/** Suggestions for one option as {name, value, description?}[]; asks the bot where the option autocompletes. */
export async function suggest({ entry, option, text, texts, world, complete }) {
  const closed = closedChoices(option, world);
  if (closed) return fitting(closed, text);
  if (!option.autocomplete) return [];
  const others = new Map(
    [...texts].filter(([name, value]) => name !== option.name && value !== ""),
  );
  const given = new Map();
  for (const other of entry.options) {
    const checked = others.has(other.name)
      ? check(other, others.get(other.name), world)
      : { error: "absent" };
    if (!checked.error) given.set(other.name, checked.value);
  }
  return complete(entry, given.set(option.name, text), option.name);
}
