/** Suggestions while a command is typed as plain text: first commands, then values of its options. */

import { h } from "./dom.js";
import { entries, matching, required, typedEntry } from "./commands.js";
import { suggest } from "./options.js";
import { usage } from "./usage.js";
import { assign } from "./words.js";

const MOST_LISTED = 60;
const TYPING_PAUSE_MS = 120;
const COMMANDS_HINT = "↑↓ choose · Tab or Enter take · Esc close";
const OPTIONS_HINT = "Enter send · Tab take or open the form";

export class TypedSuggestions {
  #turn = 0;
  #timer = null;
  /** The option whose suggestions are on show. */
  #listed = null;

  /** `field` is the text box; `onCommand(entry)` when a command is taken, `onText(text)` a value. */
  constructor({ store, world, suggestions, complete, field, onCommand, onText }) {
    Object.assign(this, { store, world, suggestions, complete, field, onCommand, onText });
  }

  /** Show what fits the text so far. */
  show(text) {
    clearTimeout(this.#timer);
    this.#turn += 1;
    if (!text.startsWith("/")) {
      this.hide();
      return;
    }
    const typed = typedEntry(entries(this.store.commands), text);
    if (typed?.rest) this.#showOptions(typed.entry, typed.rest);
    else this.#showCommands(text.slice(1));
  }

  /** Show nothing, not even what is still on its way. */
  hide() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#listed = null;
    this.suggestions.hide();
  }

  #showCommands(query) {
    this.#listed = null;
    const found = matching(entries(this.store.commands), query).slice(0, MOST_LISTED);
    const items = found.map((entry) => ({
      title: `/${entry.name}`,
      detail: entry.description,
      tag: required(entry).join(" "),
      pick: () => this.onCommand(entry),
    }));
    const note = this.store.commands.length
      ? `No command begins with /${query}`
      : "The bot has not registered its commands yet.";
    const head = h("p", { class: "suggestion-head" }, "Commands");
    this.suggestions.show(this.field, { items, note, head, hint: COMMANDS_HINT });
  }

  #showOptions(entry, rest) {
    const { values, current } = assign(entry.options, rest, this.world);
    const head = usage(entry, current);
    if (!current || this.#listed !== current) {
      this.suggestions.show(this.field, { items: [], head, hint: OPTIONS_HINT });
    }
    this.#listed = current;
    if (!current) return;
    const turn = this.#turn;
    this.#timer = setTimeout(async () => {
      const choices = await this.#choices(entry, current, values);
      if (turn !== this.#turn) return;
      const items = choices.map((choice) => ({
        title: choice.name,
        detail: choice.description,
        pick: () => this.#insert(current, choice),
      }));
      this.suggestions.show(this.field, { items, head, hint: OPTIONS_HINT });
    }, TYPING_PAUSE_MS);
  }

  async #choices(entry, option, texts) {
    const { world, complete } = this;
    const text = texts.get(option.name) ?? "";
    return suggest({ entry, option, text, texts, world, complete }).catch(() => []);
  }

  /** Replace the word at the end by a picked choice. */
  #insert(option, { name, value }) {
    const word = typeof value === "string" && !option.choices?.length ? value : name;
    const quoted = /\s/.test(word) ? `"${word}"` : word;
    const text = this.field.value;
    const kept = text.replace(/(?:[^\s:"]+:)?(?:"[^"]*"?|[^\s"]*)$/, "");
    const named = text.slice(kept.length).startsWith(`${option.name}:`) ? `${option.name}:` : "";
    this.onText(`${kept.trimEnd()} ${named}${quoted} `);
  }
}
