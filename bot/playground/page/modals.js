/** Modals: a form that the bot opens; it closes when the bot has answered. */

import { h, iconButton } from "./dom.js";
import { markdown } from "./markdown.js";
import { isSelect, selectOptions } from "./selects.js";

const TEXT_INPUT = 4;
const TEXT_DISPLAY = 10;
const LABEL = 18;
const PARAGRAPH = 2;

export class Modals {
  #waiting = null;
  #dialog = null;

  /** `submit(modal, values)` resolves to the id of the interaction, `record(id)` tells how it stands. */
  constructor({ world, overlays, submit, record }) {
    Object.assign(this, { world, overlays, submit, record });
  }

  open(modal) {
    this.#dialog?.close();
    const fields = modal.components.flatMap((component) => this.#fields(component));
    const problem = h("p", { class: "failure", role: "alert" });
    const send = h("button", { type: "submit", class: "button primary" }, "Submit");
    const form = h(
      "form",
      { novalidate: true },
      fields.map(({ element }) => element),
      problem,
      h(
        "div",
        { class: "dialog-actions" },
        h(
          "button",
          { type: "button", class: "button plain", onclick: () => dialog.close() },
          "Cancel",
        ),
        send,
      ),
    );
    const title = h("h2", { id: "modal-title" }, modal.title);
    const dialog = h(
      "dialog",
      { class: "modal", "aria-labelledby": "modal-title" },
      h(
        "header",
        {},
        title,
        iconButton("close", "Close", () => dialog.close()),
      ),
      form,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(modal, fields, { problem, send });
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (this.#dialog === dialog) this.#dialog = this.#waiting = null;
    });
    this.overlays.append(dialog);
    this.#dialog = dialog;
    dialog.showModal();
    fields.find(({ input }) => input)?.input.focus();
  }

  /** The server's record of an interaction changed. */
  settle(record) {
    if (record?.id !== this.#waiting?.id || !record || record.state === "waiting") return;
    if (record.state !== "failed") {
      this.#dialog?.close();
      return;
    }
    const { problem, send } = this.#waiting;
    problem.textContent = "Something went wrong. Try again.";
    send.disabled = false;
    this.#waiting = null;
  }

  async #send(modal, fields, { problem, send }) {
    const wrong = fields.map(({ fault }) => fault?.()).find(Boolean);
    problem.textContent = wrong ?? "";
    if (wrong) return;
    const values = Object.fromEntries(
      fields.filter(({ read }) => read).map(({ id, read }) => [id, read()]),
    );
    send.disabled = true;
    try {
      const id = await this.submit(modal, values);
      this.#waiting = { id, problem, send };
      this.settle(this.record(id));
    } catch (error) {
      problem.textContent = error.message;
      send.disabled = false;
    }
  }

  /** Fields {element, input?, id?, read?(), fault?()} of a component: a row, a label or a text. */
  #fields(component, label = null) {
    if (component.type === TEXT_DISPLAY)
      return [
        {
          element: h("div", { class: "prose" }, markdown(component.content, { world: this.world })),
        },
      ];
    if (component.type === LABEL) return this.#fields(component.component, component);
    if (component.type === TEXT_INPUT) return [textField(component, label)];
    if (isSelect(component)) return [this.#selectField(component, label)];
    const inner = (component.components ?? []).flatMap((child) => this.#fields(child));
    return inner.length
      ? inner
      : [{ element: h("p", { class: "elsewhere" }, "A field that this page cannot show") }];
  }

  #selectField(component, label) {
    const options = selectOptions(component, this.world);
    const several = (component.max_values ?? 1) > 1;
    const needed = component.required !== false;
    const input = h(
      "select",
      {
        id: `modal-${component.custom_id}`,
        multiple: several,
        size: several ? String(Math.min(options.length, 6)) : null,
      },
      !several && h("option", { value: "" }, component.placeholder || "Make a selection"),
      options.map(({ label: text, value, chosen }) =>
        h("option", { value, selected: chosen }, text),
      ),
    );
    const name = label?.label ?? component.placeholder ?? "Selection";
    const read = () => [...input.selectedOptions].map(({ value }) => value).filter(Boolean);
    return {
      element: labelled(name, label?.description, needed, input),
      input,
      id: component.custom_id,
      read,
      fault: () => (needed && !read().length ? `${name} is required.` : null),
    };
  }
}

function textField(component, label) {
  const {
    custom_id: id,
    style,
    placeholder,
    value,
    min_length: least,
    max_length: most,
  } = component;
  const attributes = { id: `modal-${id}`, placeholder, maxlength: most };
  const input =
    style === PARAGRAPH
      ? h("textarea", { ...attributes, rows: "4" })
      : h("input", { ...attributes, type: "text" });
  input.value = value ?? "";
  const name = label?.label ?? component.label ?? "Text";
  const needed = component.required !== false;
  const fault = () => {
    if (needed && !input.value.trim()) return `${name} is required.`;
    if (input.value && least && input.value.length < least)
      return `${name} needs at least ${least} characters.`;
    return null;
  };
  return {
    element: labelled(name, label?.description, needed, input),
    input,
    id,
    read: () => input.value,
    fault,
  };
}

function labelled(name, description, needed, input) {
  const about = description && h("small", { id: `${input.id}-about` }, description);
  if (about) input.setAttribute("aria-describedby", about.id);
  if (needed) input.setAttribute("aria-required", "true");
  const star = needed && h("span", { class: "needed", "aria-hidden": "true" }, " *");
  return h(
    "div",
    { class: "modal-field" },
    h("label", { class: "modal-label", for: input.id }, name, star),
    about,
    input,
  );
}
