/** The chip of one option in the command form: its name and the field for its value. */

import { h } from "./dom.js";
import { OptionType } from "./options.js";

const NARROWEST = 4;
const WIDEST = 28;
const COMBOBOX = {
  type: "text",
  role: "combobox",
  "aria-expanded": "false",
  "aria-controls": "suggestion-list",
  "aria-autocomplete": "list",
};

export class OptionField {
  #picked = null;

  /** `on`: {focus(field), input(field), key(event, field), blur()}. */
  constructor(option, text, on) {
    this.option = option;
    this.isFile = option.type === OptionType.ATTACHMENT;
    this.input = h("input", {
      id: `option-${option.name}`,
      "aria-describedby": "option-about",
      spellcheck: "false",
      autocapitalize: "off",
      ...(this.isFile ? { type: "file" } : COMBOBOX),
      onfocus: () => on.focus(this),
      oninput: () => {
        this.#changed();
        on.input(this);
      },
      onkeydown: (event) => on.key(event, this),
      onblur: on.blur,
    });
    this.chip = h(
      "label",
      { class: "chip", for: this.input.id },
      h("span", { class: "chip-name" }, option.name),
      this.input,
    );
    if (!this.isFile) this.input.value = text;
    this.#resize();
  }

  get empty() {
    return !this.input.value;
  }

  /** Whether a suggestion was taken, so that what is shown is a name, not the value. */
  get picked() {
    return this.#picked !== null;
  }

  /** The text to check and send. */
  get text() {
    return this.#picked ? String(this.#picked.value) : this.input.value;
  }

  get file() {
    return this.isFile ? (this.input.files[0] ?? null) : null;
  }

  pick({ name, value }) {
    this.#changed();
    this.#picked = { value };
    this.input.value = name;
    this.#resize();
  }

  markWrong() {
    this.chip.classList.add("wrong");
    this.input.setAttribute("aria-invalid", "true");
    this.input.focus();
  }

  #changed() {
    this.#picked = null;
    this.chip.classList.remove("wrong");
    this.input.removeAttribute("aria-invalid");
    this.#resize();
  }

  #resize() {
    if (this.isFile) return;
    this.input.size = Math.max(NARROWEST, Math.min(WIDEST, this.input.value.length + 1));
  }
}
