/** The box below the messages: plain text, commands typed as text, and the way into the command form. */

import { h, iconButton } from "./dom.js";
import { CommandForm } from "./command_form.js";
import { entries, matching, required, typedEntry } from "./commands.js";
import { checkAll, needsFile, suggest } from "./options.js";
import { assign } from "./words.js";
import { usage } from "./usage.js";

const MOST_LISTED = 60;
const TYPING_PAUSE_MS = 120;
const LONGEST_PX = 240;
const LONGEST_TEXT = 2000;

export class Composer {
  #turn = 0;
  #timer = null;
  #history = [];
  #recalled = 0;
  /** The option whose suggestions are on show. */
  #listed = null;

  /** `actions`: {post(content), run(entry, given, files), complete(entry, given, focused), refreshCommands()}. */
  constructor({ store, world, actions, form, status, suggestions }) {
    Object.assign(this, { store, world, actions, form, status, suggestions });
    this.text = h("textarea", {
      id: "composer-text",
      rows: "1",
      maxlength: String(LONGEST_TEXT),
      role: "combobox",
      "aria-expanded": "false",
      "aria-controls": "suggestion-list",
      "aria-autocomplete": "list",
      oninput: () => this.#typed(),
      onkeydown: (event) => this.#key(event),
      onblur: () => this.#left(),
    });
    this.plain = h(
      "div",
      { class: "composer-plain" },
      this.text,
      iconButton("send", "Send", () => this.#submit(), { class: "icon-button send" }),
    );
    this.commandForm = new CommandForm({
      world,
      suggestions,
      complete: actions.complete,
      onSubmit: (...sent) => this.#run(...sent),
      onLeave: (text) => this.#leaveForm(text),
      say: (sentence) => this.say(sentence),
    });
    form.append(this.plain);
    form.addEventListener("submit", (event) => event.preventDefault());
    store.on("channel world", () => this.#label());
    store.on("channel", () => this.#leaveForm("", { focus: false }));
    store.on("commands", () => this.text === document.activeElement && this.#typed());
  }

  /** A sentence under the box; an empty one clears it. */
  say(sentence) {
    this.status.textContent = sentence;
  }

  focus() {
    if (this.commandForm.open) this.commandForm.focus();
    else this.text.focus();
  }

  /** Put this text into the box as if it had been typed. */
  prepare(text) {
    this.commandForm.close();
    this.form.replaceChildren(this.plain);
    const typed = text.startsWith("/") ? typedEntry(entries(this.store.commands), text) : null;
    if (typed && !typed.rest && typed.entry.options.length) {
      this.#openForm(typed.entry, new Map());
      return;
    }
    this.text.value = text;
    this.text.focus();
    this.#typed();
  }

  #label() {
    const channel = this.world.channel(this.store.channelId);
    const place = this.world.isDm(this.store.channelId) ? "Highwater" : `#${channel?.name ?? ""}`;
    const allowed = this.world.maySend(this.store.channelId);
    const words = allowed ? `Message ${place} or type /` : `Type / for commands in ${place}`;
    this.text.placeholder = words;
    this.text.setAttribute("aria-label", words);
  }

  #typed() {
    this.say("");
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, LONGEST_PX)}px`;
    const text = this.text.value;
    this.#turn += 1;
    clearTimeout(this.#timer);
    if (!text.startsWith("/")) {
      this.#listed = null;
      this.suggestions.hide();
      return;
    }
    if (text === "/") this.actions.refreshCommands();
    const typed = typedEntry(entries(this.store.commands), text);
    if (typed?.rest) this.#showOptions(typed.entry, typed.rest);
    else this.#showCommands(text.slice(1));
  }

  #showCommands(query) {
    this.#listed = null;
    const found = matching(entries(this.store.commands), query).slice(0, MOST_LISTED);
    const items = found.map((entry) => ({
      title: `/${entry.name}`,
      detail: entry.description,
      tag: required(entry)
        .map(({ name }) => name)
        .join(" "),
      pick: () => this.#openForm(entry, new Map()),
    }));
    const note = this.store.commands.length
      ? `No command begins with /${query}`
      : "The bot has not registered its commands yet.";
    this.suggestions.show(this.text, {
      items,
      note,
      head: h("p", { class: "suggestion-head" }, "Commands"),
      hint: "↑↓ choose · Tab or Enter take · Esc close",
    });
  }

  #showOptions(entry, rest) {
    const { values, current } = assign(entry.options, rest);
    const head = usage(entry, current);
    const items = (choices) =>
      choices.map((choice) => ({
        title: choice.name,
        detail: choice.description,
        pick: () => this.#insert(entry, current, choice),
      }));
    const hint = "Enter send · Tab take or open the form";
    if (!current) {
      this.suggestions.show(this.text, { items: [], head, hint });
      return;
    }
    if (this.#listed !== current) this.suggestions.show(this.text, { items: [], head, hint });
    this.#listed = current;
    const turn = this.#turn;
    this.#timer = setTimeout(async () => {
      const text =
        /\s$/.test(rest) && values.get(current.name) === undefined
          ? ""
          : (values.get(current.name) ?? "");
      const choices = await suggest({
        entry,
        option: current,
        text,
        texts: values,
        world: this.world,
        complete: this.actions.complete,
      }).catch(() => []);
      if (turn === this.#turn)
        this.suggestions.show(this.text, { items: items(choices), head, hint });
    }, TYPING_PAUSE_MS);
  }

  /** Replace the word at the end by a picked choice. */
  #insert(entry, option, { name, value }) {
    const word = typeof value === "string" && !option.choices?.length ? value : name;
    const quoted = /\s/.test(word) ? `"${word}"` : word;
    const kept = this.text.value.replace(/(?:[^\s:"]+:)?(?:"[^"]*"?|[^\s"]*)$/, "");
    const named = this.text.value.slice(kept.length).startsWith(`${option.name}:`)
      ? `${option.name}:`
      : "";
    this.text.value = `${kept.trimEnd()} ${named}${quoted} `;
    this.#typed();
  }

  #key(event) {
    const { key } = event;
    if (event.isComposing) return;
    if (
      this.suggestions.open &&
      (key === "ArrowDown" || key === "ArrowUp") &&
      this.suggestions.active
    )
      this.suggestions.move(key === "ArrowDown" ? 1 : -1);
    else if (key === "Escape" && this.suggestions.open) this.suggestions.hide();
    else if (
      key === "Tab" &&
      !event.shiftKey &&
      this.text.value.startsWith("/") &&
      this.suggestions.open
    )
      this.#take();
    else if (key === "Enter" && !event.shiftKey) this.#submit();
    else if (key === "ArrowUp" && !this.text.value && this.#history.length) this.#recall();
    else return;
    event.preventDefault();
  }

  #take() {
    if (this.suggestions.active) {
      this.suggestions.active.pick();
      return;
    }
    const typed = typedEntry(entries(this.store.commands), this.text.value);
    if (typed) this.#openForm(typed.entry, assign(typed.entry.options, typed.rest).values);
  }

  #submit() {
    const text = this.text.value;
    if (!text.trim()) return;
    if (!text.startsWith("/")) {
      this.#post(text);
      return;
    }
    const typed = typedEntry(entries(this.store.commands), text.trimEnd());
    const chosen = this.suggestions.active;
    if (chosen && this.suggestions.moved) chosen.pick();
    else if (typed) this.#runTyped(typed);
    else if (chosen) chosen.pick();
    else this.say(`There is no command ${text.split(/\s/)[0]} here. Type / to see all.`);
  }

  #runTyped({ entry, rest }) {
    const { values, extra } = assign(entry.options, rest);
    const { given, problem } = checkAll(entry, values, this.world);
    if (extra.length) this.say(`/${entry.name} does not take "${extra.join(" ")}".`);
    else if (!problem && !needsFile(entry)) this.#run(entry, given, []);
    else {
      this.#openForm(entry, values);
      if (rest.trim() && problem) this.commandForm.complain(problem);
    }
  }

  #openForm(entry, values) {
    this.say("");
    this.suggestions.hide();
    this.#settle();
    this.form.replaceChildren(this.commandForm.element);
    this.commandForm.show(entry, values);
  }

  #leaveForm(text, { focus = true } = {}) {
    this.commandForm.close();
    this.form.replaceChildren(this.plain);
    this.#clear();
    this.text.value = text;
    if (focus) this.text.focus();
    if (text) this.#typed();
  }

  async #run(entry, given, files) {
    this.suggestions.hide();
    this.#settle();
    const problem = await this.actions.run(entry, given, files);
    if (problem) {
      this.say(problem);
      return;
    }
    this.#remember(
      `/${entry.name}${[...given].map(([name, value]) => ` ${name}:${value}`).join("")}`,
    );
    this.#leaveForm("");
  }

  async #post(content) {
    if (!this.world.maySend(this.store.channelId)) {
      this.say("You may not send messages here. Commands may still work: type /.");
      return;
    }
    this.#remember(content);
    this.#clear();
    const problem = await this.actions.post(content);
    if (!problem) return;
    this.text.value = content;
    this.say(problem);
  }

  #remember(text) {
    this.#history = [...this.#history.filter((each) => each !== text), text].slice(-20);
    this.#recalled = this.#history.length;
  }

  #recall() {
    this.#recalled = (this.#recalled || this.#history.length) - 1;
    this.text.value = this.#history[this.#recalled];
    this.#typed();
    this.suggestions.hide();
  }

  /** Suggestions still on their way come too late. */
  #settle() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#listed = null;
  }

  #clear() {
    this.#settle();
    this.text.value = "";
    this.text.style.height = "auto";
    this.suggestions.hide();
    this.say("");
  }

  #left() {
    if (!this.commandForm.open) this.suggestions.hide();
  }
}
