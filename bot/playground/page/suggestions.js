/** The list above the composer: one highlighted row, moved by the arrow keys of the field below it. */

import { h } from "./dom.js";

export class Suggestions {
  #rows = [];
  #items = [];
  #active = -1;
  /** Whether the person moved the highlight, so that Enter means "this one". */
  moved = false;

  constructor(element) {
    this.element = element;
    this.list = h("ul", { id: "suggestion-list", role: "listbox", "aria-label": "Suggestions" });
  }

  get open() {
    return !this.element.hidden;
  }

  get active() {
    return this.#items[this.#active] ?? null;
  }

  /**
   * Shows `items` {title, detail, tag?, pick()} for a field; `head` is an element above the list,
   * `note` a sentence in place of an empty list.
   */
  show(field, { items, head, note, hint }) {
    this.#items = items;
    this.moved = false;
    this.#rows = items.map((item, at) => this.#row(item, at));
    this.list.replaceChildren(...this.#rows);
    this.element.replaceChildren(
      ...[
        head,
        items.length && this.list,
        !items.length && note && h("p", { class: "suggestion-note" }, note),
        hint && h("p", { class: "suggestion-hint" }, hint),
      ].filter(Boolean),
    );
    this.element.hidden = !this.element.children.length;
    this.field?.removeAttribute("aria-activedescendant");
    this.field = field;
    this.#expanded(this.open);
    this.#highlight(items.length ? 0 : -1);
  }

  hide() {
    this.element.hidden = true;
    this.#items = [];
    this.#active = -1;
    this.moved = false;
    this.#expanded(false);
    this.field?.removeAttribute("aria-activedescendant");
  }

  /** Only a combobox says so; the message box is a text box, which may not. */
  #expanded(open) {
    if (this.field?.getAttribute("role") === "combobox")
      this.field.setAttribute("aria-expanded", String(open));
  }

  move(step) {
    if (!this.#items.length) return;
    this.moved = true;
    this.#highlight((this.#active + step + this.#items.length) % this.#items.length);
  }

  #row({ title, detail, tag, pick }, at) {
    return h(
      "li",
      {
        id: `suggestion-${at}`,
        role: "option",
        "aria-selected": "false",
        onmousedown: (event) => event.preventDefault(),
        onclick: pick,
        onmousemove: () => this.#highlight(at),
      },
      h(
        "span",
        { class: "suggestion-text" },
        h("span", { class: "suggestion-title" }, title),
        detail && h("span", { class: "suggestion-detail" }, detail),
      ),
      tag && h("span", { class: "suggestion-tag" }, tag),
    );
  }

  #highlight(at) {
    this.#rows[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = at;
    const row = this.#rows[at];
    if (!row) return;
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", row.id);
  }
}
