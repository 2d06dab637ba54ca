/** The box below the messages: plain text, commands typed as text, the way into the command form. */

import { h, iconButton } from "./dom.js";
import { CommandForm } from "./command_form.js";
import { entries, typedEntry } from "./commands.js";
import { checkAll, needsFile } from "./options.js";
import { TypedSuggestions } from "./typed_suggestions.js";
import { assign } from "./words.js";

const LONGEST_PX = 240;
const LONGEST_TEXT = 2000;
const MOST_REMEMBERED = 20;

export class Composer {
  #history = [];
  #recalled = 0;
  #channel = null;

  /**
   * `actions`: {post(content), run(entry, given, files), complete(entry, given, focused),
   * refreshCommands()}; post and run resolve to a sentence when something went wrong.
   */
  constructor({ store, world, actions, form, status, suggestions }) {
    Object.assign(this, { store, world, actions, form, status, suggestions });
    this.text = this.#textBox();
    const send = iconButton("send", "Send", () => this.#submit());
    send.classList.add("send");
    this.plain = h("div", { class: "composer-plain" }, this.text, send);
    this.typed = new TypedSuggestions({
      ...{ store, world, suggestions, complete: actions.complete, field: this.text },
      onCommand: (entry) => this.#openForm(entry, new Map()),
      onText: (text) => this.#write(text),
    });
    this.commandForm = new CommandForm({
      ...{ world, suggestions, complete: actions.complete },
      onSubmit: (...sent) => this.#run(...sent),
      onLeave: (text) => this.#leaveForm(text),
      say: (sentence) => this.say(sentence),
    });
    form.append(this.plain);
    form.addEventListener("submit", (event) => event.preventDefault());
    store.on("channel world", () => this.#place());
    store.on("commands", () => this.#commandsChanged());
  }

  /** A sentence under the box; an empty one clears it. */
  say(sentence) {
    this.status.textContent = sentence;
  }

  focus() {
    if (this.commandForm.open) this.commandForm.focus();
    else this.text.focus();
  }

  /** Put this text into the box as if it had been typed; a whole command's name opens its form. */
  prepare(text) {
    this.#leaveForm("");
    const typed = text.startsWith("/") ? this.#typedEntry(text) : null;
    if (typed && !typed.rest && typed.entry.options.length) this.#openForm(typed.entry, new Map());
    else this.#write(text);
  }

  #textBox() {
    return h("textarea", {
      id: "composer-text",
      rows: "1",
      maxlength: String(LONGEST_TEXT),
      "aria-controls": "suggestion-list",
      "aria-autocomplete": "list",
      oninput: () => this.#changed(),
      onkeydown: (event) => this.#key(event),
      onblur: () => this.commandForm.open || this.typed.hide(),
    });
  }

  /** The channel changed, or what one may do in it. */
  #place() {
    const { channelId } = this.store;
    const place = this.world.isDm(channelId)
      ? "Highwater"
      : `#${this.world.channel(channelId)?.name ?? ""}`;
    const words = this.world.maySend(channelId)
      ? `Message ${place} or type /`
      : `Type / for commands in ${place}`;
    this.text.placeholder = words;
    this.text.setAttribute("aria-label", words);
    if (this.#channel !== channelId) this.#leaveForm("", { focus: false });
    this.#channel = channelId;
  }

  #commandsChanged() {
    if (this.text === document.activeElement) this.typed.show(this.text.value);
  }

  #typedEntry(text) {
    return typedEntry(entries(this.store.commands), text);
  }

  #write(text) {
    this.text.value = text;
    this.text.focus();
    this.#changed();
  }

  #changed() {
    this.say("");
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, LONGEST_PX)}px`;
    if (this.text.value === "/") this.actions.refreshCommands();
    this.typed.show(this.text.value);
  }

  #key(event) {
    const act = event.isComposing ? null : this.#keyMeaning(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** What a key does here, or null when it keeps its own meaning. */
  #keyMeaning({ key, shiftKey }) {
    const { open, active } = this.suggestions;
    if (key === "ArrowDown" && active) return () => this.suggestions.move(1);
    if (key === "ArrowUp" && active) return () => this.suggestions.move(-1);
    if (key === "Escape" && open) return () => this.typed.hide();
    if (key === "Tab" && !shiftKey && open) return () => this.#take();
    if (key === "Enter" && !shiftKey) return () => this.#submit();
    if (key === "ArrowUp" && !this.text.value && this.#history.length) return () => this.#recall();
    return null;
  }

  #take() {
    if (this.suggestions.active) {
      this.suggestions.active.pick();
      return;
    }
    const typed = this.#typedEntry(this.text.value);
    if (typed)
      this.#openForm(typed.entry, assign(typed.entry.options, typed.rest, this.world).values);
  }

  #submit() {
    const text = this.text.value;
    if (!text.trim()) return;
    if (!text.startsWith("/")) {
      this.#post(text);
      return;
    }
    const typed = this.#typedEntry(text.trimEnd());
    const { active, moved } = this.suggestions;
    if (active && (moved || !typed)) active.pick();
    else if (typed) this.#runTyped(typed);
    else this.#lookUp(text);
  }

  /** A command that is not known here: the list may not have come yet, or be an old one. */
  async #lookUp(text) {
    await this.actions.refreshCommands();
    if (this.text.value !== text) return;
    const typed = this.#typedEntry(text.trimEnd());
    if (typed) this.#runTyped(typed);
    else this.say(`There is no command ${text.split(/\s/)[0]} here. Type / to see all.`);
  }

  #runTyped({ entry, rest }) {
    const { values, extra } = assign(entry.options, rest, this.world);
    const { given, problem } = checkAll(entry, values, this.world);
    if (extra.length) {
      this.say(`/${entry.name} does not take "${extra.join(" ")}".`);
    } else if (!problem && !needsFile(entry)) {
      this.#run(entry, given, []);
    } else {
      this.#openForm(entry, values);
      if (rest.trim() && problem) this.commandForm.complain(problem);
    }
  }

  #openForm(entry, texts) {
    this.say("");
    this.typed.hide();
    this.form.replaceChildren(this.commandForm.element);
    this.commandForm.show(entry, texts);
  }

  #leaveForm(text, { focus = true } = {}) {
    this.commandForm.close();
    this.form.replaceChildren(this.plain);
    this.#clear();
    if (text) this.#write(text);
    else if (focus) this.text.focus();
  }

  /** A form stays open until its command is taken; the box is free for the next words at once. */
  async #run(entry, given, files) {
    const fromForm = this.commandForm.open;
    const text = this.text.value;
    if (!fromForm) this.#clear();
    const problem = await this.actions.run(entry, given, files);
    if (problem) {
      if (!fromForm && !this.text.value) this.text.value = text;
      this.say(problem);
      return;
    }
    const options = [...given].map(([name, value]) => ` ${name}:${value}`);
    this.#remember(`/${entry.name}${options.join("")}`);
    if (fromForm) this.#leaveForm("");
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
    const others = this.#history.filter((each) => each !== text);
    this.#history = [...others, text].slice(-MOST_REMEMBERED);
    this.#recalled = this.#history.length;
  }

  #recall() {
    this.#recalled = (this.#recalled || this.#history.length) - 1;
    this.#write(this.#history[this.#recalled]);
    this.typed.hide();
  }

  #clear() {
    this.text.value = "";
    this.text.style.height = "auto";
    this.typed.hide();
    this.say("");
  }
}
