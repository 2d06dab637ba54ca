/** Application commands as the composer needs them: one entry per thing that can be run. */

const CHAT_INPUT = 1;
const MESSAGE = 3;
const SUBCOMMAND = 1;
const GROUP = 2;

/**
 * Entries {id, root, path, name, description, options} of all slash commands; subcommands are entries
 * of their own with names such as "watchlist add".
 */
export function entries(commands) {
  return commands
    .filter(({ type }) => (type ?? CHAT_INPUT) === CHAT_INPUT)
    .flatMap((command) =>
      leaves(command, [command.name]).map((leaf) => ({
        ...leaf,
        id: command.id,
        root: command.name,
      })),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function leaves(node, path) {
  const below = (node.options ?? []).filter(({ type }) => type === SUBCOMMAND || type === GROUP);
  if (!below.length)
    return [
      { path, name: path.join(" "), description: node.description, options: node.options ?? [] },
    ];
  return below.flatMap((child) => leaves(child, [...path, child.name]));
}

/** The commands of a message's Apps menu. */
export function messageCommands(commands) {
  return commands.filter(({ type }) => type === MESSAGE);
}

/** The entries that fit what was typed after the slash, best first. */
export function matching(all, typed) {
  const wanted = typed.trim().toLowerCase();
  const rank = ({ name, description }) => {
    if (name.startsWith(wanted)) return 0;
    if (name.split(" ").some((word) => word.startsWith(wanted))) return 1;
    if (name.includes(wanted)) return 2;
    return wanted.length > 2 && description.toLowerCase().includes(wanted) ? 3 : 4;
  };
  const ranked = all.map((entry) => ({ entry, rank: rank(entry) })).filter((each) => each.rank < 4);
  return ranked.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry);
}

/** The entry that a text such as "/watchlist add IVOO" names in full, and the words after it. */
export function typedEntry(all, text) {
  const words = text.replace(/^\//, "");
  const fits = all.filter(
    ({ name }) => words.toLowerCase() === name || /^\s/.test(tail(words, name)),
  );
  const entry = fits.sort((a, b) => b.name.length - a.name.length)[0];
  return entry ? { entry, rest: words.slice(entry.name.length) } : null;
}

function tail(words, name) {
  return words.toLowerCase().startsWith(name) ? words.slice(name.length) : "";
}

/** The names of the options that must be given. */
export const required = (entry) =>
  entry.options.filter((option) => option.required).map(({ name }) => name);

/** Discord's option objects of an entry, subcommands nested. `given`: name → value. */
export function payload(entry, given, focused = null) {
  const values = entry.options
    .filter(({ name }) => given.has(name) || name === focused)
    .map(({ name, type }) => ({
      name,
      type,
      value: given.get(name) ?? "",
      ...(name === focused ? { focused: true } : {}),
    }));
  const below = entry.path.slice(1);
  return below.reduceRight(
    (options, name, at) => [{ name, type: at === below.length - 1 ? SUBCOMMAND : GROUP, options }],
    values,
  );
}
