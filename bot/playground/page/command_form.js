/** A chosen command with one chip per option, as in Discord; optional ones are added on request. */

import { h, icon, iconButton } from "./dom.js";
import { checkAll, closedChoices, OptionType, suggest } from "./options.js";
import { encoded } from "./uploads.js";
import { usage } from "./usage.js";

const TYPING_PAUSE_MS = 120;
const NARROWEST = 4;
const WIDEST = 28;

export class CommandForm {
  #fields = [];
  #turn = 0;
  #timer = null;

  /** `onSubmit(entry, given, files)`, `onLeave(text)`, `say(sentence)`, `complete(entry, given, focused)`. */
  constructor({ world, suggestions, complete, onSubmit, onLeave, say }) {
    Object.assign(this, { world, suggestions, complete, onSubmit, onLeave, say });
    this.entry = null;
    this.element = h("div", { class: "command-form", role: "group" });
  }

  get open() {
    return this.entry !== null;
  }

  show(entry, values) {
    this.entry = entry;
    this.#fields = [];
    this.chips = h("div", { class: "chips" });
    this.more = h("div", { class: "more-options" });
    this.name = h(
      "button",
      {
        type: "button",
        class: "command-name",
        "aria-label": `Command ${entry.name}; Backspace returns to text`,
        onkeydown: (event) => this.#key(event, null),
        onclick: () => this.focus(),
      },
      `/${entry.name}`,
    );
    this.element.setAttribute("aria-label", `Command ${entry.name}`);
    this.element.replaceChildren(
      h(
        "div",
        { class: "command-line" },
        this.name,
        this.chips,
        iconButton("close", "Cancel the command", () => this.#leave("")),
        iconButton("send", "Send the command", () => this.submit(), { class: "icon-button send" }),
      ),
      this.more,
    );
    for (const option of entry.options) {
      if (option.required || values.has(option.name))
        this.#add(option, values.get(option.name) ?? "");
    }
    this.#offerMore();
    this.focus();
  }

  close() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.entry = null;
  }

  focus() {
    const next = this.#fields.find(({ input }) => !input.value) ?? this.#fields.at(-1);
    if (next) next.input.focus();
    else {
      this.name.focus();
      this.suggestions.show(this.name, {
        items: [],
        head: usage(this.entry, null),
        hint: "Enter send · Backspace back",
      });
    }
  }

  /** Mark the option that is wrong and say why. */
  complain({ option, error }) {
    const field = this.#fields.find((each) => each.option === option) ?? this.#add(option, "");
    field.chip.classList.add("wrong");
    field.input.setAttribute("aria-invalid", "true");
    field.input.focus();
    this.say(error);
  }

  #add(option, text) {
    const file = option.type === OptionType.ATTACHMENT;
    const field = { option, picked: null };
    field.input = h("input", {
      id: `option-${option.name}`,
      "aria-describedby": "option-about",
      type: file ? "file" : "text",
      spellcheck: "false",
      autocapitalize: "off",
      ...(file
        ? {}
        : {
            role: "combobox",
            "aria-expanded": "false",
            "aria-controls": "suggestion-list",
            "aria-autocomplete": "list",
          }),
      onfocus: () => this.#suggest(field),
      oninput: () => this.#typed(field),
      onkeydown: (event) => this.#key(event, field),
      onblur: () => this.#left(),
    });
    if (!file) field.input.value = text;
    field.chip = h(
      "label",
      { class: "chip", for: field.input.id },
      h("span", { class: "chip-name" }, option.name),
      field.input,
    );
    this.#fields.push(field);
    this.chips.append(field.chip);
    this.#resize(field);
    return field;
  }

  #offerMore() {
    const left = this.entry.options.filter(
      (option) => !this.#fields.some((field) => field.option === option),
    );
    this.more.replaceChildren(
      ...left.map((option) =>
        h(
          "button",
          {
            type: "button",
            class: "more-option",
            title: option.description,
            onclick: () => {
              const field = this.#add(option, "");
              this.#offerMore();
              field.input.focus();
            },
          },
          icon("plus"),
          option.name,
        ),
      ),
    );
  }

  #typed(field) {
    field.picked = null;
    field.chip.classList.remove("wrong");
    field.input.removeAttribute("aria-invalid");
    this.say("");
    this.#resize(field);
    this.#suggest(field);
  }

  #resize({ input }) {
    if (input.type === "text")
      input.size = Math.max(NARROWEST, Math.min(WIDEST, input.value.length + 1));
  }

  #suggest(field) {
    const { option, input } = field;
    this.#turn += 1;
    clearTimeout(this.#timer);
    const turn = this.#turn;
    const head = usage(this.entry, option);
    const hint = "↑↓ choose · Tab take · Enter send";
    const closed = closedChoices(option, this.world);
    if (!closed && !option.autocomplete) {
      this.suggestions.show(input, { items: [], head, hint: "Enter send" });
      return;
    }
    const ask = async () => {
      const request = {
        entry: this.entry,
        option,
        text: field.picked ? "" : input.value,
        texts: this.#texts(),
        world: this.world,
        complete: this.complete,
      };
      const choices = await suggest(request).catch(() => null);
      if (turn !== this.#turn) return;
      const note = choices
        ? closed
          ? "Nothing fits."
          : "No suggestions; what you type is sent as it is."
        : "The bot sent no suggestions; what you type is sent as it is.";
      this.suggestions.show(input, {
        head,
        hint,
        note,
        items: (choices ?? []).map((choice) => ({
          title: choice.name,
          detail: choice.description,
          pick: () => this.#pick(field, choice),
        })),
      });
    };
    if (closed) ask();
    else {
      this.suggestions.show(input, { items: [], head, note: "Asking the bot…", hint });
      this.#timer = setTimeout(ask, TYPING_PAUSE_MS);
    }
  }

  #pick(field, { name, value }) {
    field.picked = { value };
    field.input.value = name;
    this.#resize(field);
    const next = this.#fields.find(({ input }) => !input.value);
    if (next) next.input.focus();
    else {
      field.input.focus();
      this.#turn += 1;
      this.suggestions.show(field.input, {
        items: [],
        head: usage(this.entry, field.option),
        hint: "Enter send",
      });
    }
  }

  #texts() {
    return new Map(
      this.#fields
        .filter(({ input }) => input.type === "text")
        .map(({ option, input, picked }) => [
          option.name,
          picked ? String(picked.value) : input.value,
        ]),
    );
  }

  async submit() {
    const entry = this.entry;
    const { given, problem } = checkAll(entry, this.#texts(), this.world);
    if (problem) {
      this.complain(problem);
      return;
    }
    const files = [];
    for (const { option, input } of this.#fields.filter((field) => field.input.type === "file")) {
      if (!input.files.length && option.required) {
        this.complain({ option, error: `${option.name} is required: choose a file.` });
        return;
      }
      if (!input.files.length) continue;
      given.set(option.name, files.length);
      files.push(await encoded(input.files[0]));
    }
    this.onSubmit(entry, given, files);
  }

  #leave(text) {
    this.close();
    this.suggestions.hide();
    this.say("");
    this.onLeave(text);
  }

  #left() {
    requestAnimationFrame(
      () => this.open && !this.element.contains(document.activeElement) && this.suggestions.hide(),
    );
  }

  #key(event, field) {
    const { key } = event;
    if (event.isComposing) return;
    const { active, moved } = this.suggestions;
    if ((key === "ArrowDown" || key === "ArrowUp") && active)
      this.suggestions.move(key === "ArrowDown" ? 1 : -1);
    else if (key === "Enter" && active && moved) active.pick();
    else if (key === "Enter") this.submit();
    else if (
      key === "Tab" &&
      !event.shiftKey &&
      active &&
      !field?.picked &&
      (moved || field?.input.value)
    )
      active.pick();
    else if (key === "Escape") this.#leave("");
    else if (
      key === "Backspace" &&
      !field?.input.value &&
      this.#fields.every(({ input }) => !input.value)
    )
      this.#leave(`/${this.entry.name}`);
    else if (key === "Backspace" && field && !field.option.required && !field.input.value)
      this.#drop(field);
    else return;
    event.preventDefault();
  }

  #drop(field) {
    this.#fields = this.#fields.filter((each) => each !== field);
    field.chip.remove();
    this.#offerMore();
    this.focus();
  }
}
