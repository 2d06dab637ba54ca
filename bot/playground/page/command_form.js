/** A chosen command with one chip per option, as in Discord; optional ones are added on request. */

import { h, icon, iconButton } from "./dom.js";
import { OptionField } from "./option_field.js";
import { checkAll, closedChoices, suggest } from "./options.js";
import { encoded } from "./uploads.js";
import { usage } from "./usage.js";

const TYPING_PAUSE_MS = 120;
const SEND_HINT = "Enter send";
const CHOOSE_HINT = "↑↓ choose · Tab take · Enter send";

export class CommandForm {
  #fields = [];
  #turn = 0;
  #timer = null;

  /**
   * `onSubmit(entry, given, files)`, `onLeave(text)`, `say(sentence)`,
   * `complete(entry, given, focused)`.
   */
  constructor({ world, suggestions, complete, onSubmit, onLeave, say }) {
    Object.assign(this, { world, suggestions, complete, onSubmit, onLeave, say });
    this.entry = null;
    this.name = h("button", {
      type: "button",
      class: "command-name",
      onkeydown: (event) => this.#key(event, null),
      onclick: () => this.focus(),
    });
    this.chips = h("div", { class: "chips" });
    this.more = h("div", { class: "more-options" });
    const cancel = iconButton("close", "Cancel the command", () => this.#leave(""));
    const send = iconButton("send", "Send the command", () => this.submit());
    send.classList.add("send");
    const line = h("div", { class: "command-line" }, this.name, this.chips, cancel, send);
    this.element = h("div", { class: "command-form", role: "group" }, line, this.more);
  }

  get open() {
    return this.entry !== null;
  }

  show(entry, texts) {
    this.entry = entry;
    this.#fields = [];
    this.chips.replaceChildren();
    this.name.textContent = `/${entry.name}`;
    this.name.setAttribute("aria-label", `Command ${entry.name}; Backspace returns to text`);
    this.element.setAttribute("aria-label", `Command ${entry.name}`);
    const shown = entry.options.filter(({ required, name }) => required || texts.has(name));
    for (const option of shown) this.#add(option, texts.get(option.name) ?? "");
    this.#offerMore();
    this.focus();
  }

  close() {
    this.#settle();
    this.entry = null;
  }

  focus() {
    const next = this.#fields.find(({ empty }) => empty) ?? this.#fields.at(-1);
    if (next) {
      next.input.focus();
      return;
    }
    this.name.focus();
    this.#explain(this.name, null, `${SEND_HINT} · Backspace back`);
  }

  /** Mark the option that is wrong and say why. */
  complain({ option, error }) {
    const field = this.#fields.find((each) => each.option === option) ?? this.#add(option, "");
    field.markWrong();
    this.say(error);
  }

  #add(option, text) {
    const field = new OptionField(option, text, {
      focus: (focused) => this.#suggest(focused),
      input: (changed) => {
        this.say("");
        this.#suggest(changed);
      },
      key: (event, pressed) => this.#key(event, pressed),
      blur: () => this.#left(),
    });
    this.#fields.push(field);
    this.chips.append(field.chip);
    return field;
  }

  #offerMore() {
    const shown = new Set(this.#fields.map(({ option }) => option));
    const left = this.entry.options.filter((option) => !shown.has(option));
    this.more.replaceChildren(...left.map((option) => this.#moreButton(option)));
  }

  #moreButton(option) {
    const onclick = () => {
      const field = this.#add(option, "");
      this.#offerMore();
      field.input.focus();
    };
    const attributes = { type: "button", class: "more-option", title: option.description, onclick };
    return h("button", attributes, icon("plus"), option.name);
  }

  /** The usage line alone, without suggestions. */
  #explain(input, option, hint, note) {
    this.#settle();
    this.suggestions.show(input, { items: [], head: usage(this.entry, option), hint, note });
  }

  #suggest(field) {
    const { option, input } = field;
    const closed = closedChoices(option, this.world);
    if (!closed && !option.autocomplete) {
      this.#explain(input, option, SEND_HINT);
    } else if (closed) {
      this.#settle();
      this.#ask(field, "Nothing fits.");
    } else {
      this.#explain(input, option, CHOOSE_HINT, "Asking the bot…");
      const note = "No suggestions; what you type is sent as it is.";
      this.#timer = setTimeout(() => this.#ask(field, note), TYPING_PAUSE_MS);
    }
  }

  async #ask(field, note) {
    const turn = this.#turn;
    const { option, input } = field;
    const choices = await suggest({
      entry: this.entry,
      option,
      text: field.picked ? "" : input.value,
      texts: this.#texts(),
      world: this.world,
      complete: this.complete,
    }).catch(() => []);
    if (turn !== this.#turn) return;
    const items = choices.map((choice) => ({
      title: choice.name,
      detail: choice.description,
      pick: () => this.#pick(field, choice),
    }));
    this.suggestions.show(input, {
      items,
      head: usage(this.entry, option),
      hint: CHOOSE_HINT,
      note,
    });
  }

  #pick(field, choice) {
    field.pick(choice);
    const next = this.#fields.find(({ empty }) => empty) ?? field;
    next.input.focus();
    if (next === field) this.#explain(field.input, field.option, SEND_HINT);
  }

  #texts() {
    const typed = this.#fields.filter(({ isFile }) => !isFile);
    return new Map(typed.map(({ option, text }) => [option.name, text]));
  }

  async submit() {
    const { entry } = this;
    const { given, problem } = checkAll(entry, this.#texts(), this.world);
    const missing = this.#fields.find(
      ({ isFile, file, option }) => isFile && option.required && !file,
    );
    if (problem || missing) {
      this.complain(
        problem ?? {
          option: missing.option,
          error: `${missing.option.name} is required: choose a file.`,
        },
      );
      return;
    }
    const chosen = this.#fields.filter(({ file }) => file);
    chosen.forEach(({ option }, at) => given.set(option.name, at));
    this.onSubmit(entry, given, await Promise.all(chosen.map(({ file }) => encoded(file))));
  }

  #leave(text) {
    this.close();
    this.suggestions.hide();
    this.say("");
    this.onLeave(text);
  }

  #left() {
    requestAnimationFrame(() => {
      if (this.open && !this.element.contains(document.activeElement)) this.suggestions.hide();
    });
  }

  /** Suggestions still on their way come too late. */
  #settle() {
    clearTimeout(this.#timer);
    this.#turn += 1;
  }

  #key(event, field) {
    const act = event.isComposing ? null : this.#keyMeaning(event, field);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** What a key does here, or null when it keeps its own meaning. */
  #keyMeaning({ key, shiftKey }, field) {
    const { active, moved } = this.suggestions;
    const typed = field && !field.empty && !field.picked;
    const untouched = this.#fields.every(({ empty }) => empty);
    if (key === "ArrowDown" && active) return () => this.suggestions.move(1);
    if (key === "ArrowUp" && active) return () => this.suggestions.move(-1);
    if (key === "Enter") return active && moved ? active.pick : () => this.submit();
    if (key === "Tab" && !shiftKey && active && (moved || typed)) return active.pick;
    if (key === "Escape") return () => this.#leave("");
    if (key === "Backspace" && untouched) return () => this.#leave(`/${this.entry.name}`);
    if (key === "Backspace" && field?.empty && !field.option.required)
      return () => this.#drop(field);
    return null;
  }

  #drop(field) {
    this.#fields = this.#fields.filter((each) => each !== field);
    field.chip.remove();
    this.#offerMore();
    this.focus();
  }
}
