/** Select menus of a message: a button that opens a list box with one or several choices. */

import { h, icon } from "./dom.js";
import { displayName } from "./world.js";

const STRING = 3;
const USER = 5;
const ROLE = 6;
const MENTIONABLE = 7;
const CHANNEL = 8;

export const isSelect = ({ type }) => [STRING, USER, ROLE, MENTIONABLE, CHANNEL].includes(type);

/** The options of a select as {label, value, description, chosen}; members, roles and channels come from the world. */
export function selectOptions(component, world) {
  const chosen = new Set((component.default_values ?? []).map(({ id }) => id));
  if (component.type === STRING) {
    return component.options.map((option) => ({ ...option, chosen: Boolean(option.default) }));
  }
  const users = world.store.members.map(({ user }) => ({
    label: displayName(user),
    value: user.id,
  }));
  const roles = world.roles().map(({ name, id }) => ({ label: `@${name}`, value: id }));
  const allowed = component.channel_types;
  const channels = world
    .visibleChannels()
    .filter(({ type }) => !allowed?.length || allowed.includes(type))
    .map(({ name, id }) => ({ label: `#${name}`, value: id }));
  const options = {
    [USER]: users,
    [ROLE]: roles,
    [MENTIONABLE]: [...users, ...roles],
    [CHANNEL]: channels,
  }[component.type];
  return options.map((option) => ({ ...option, chosen: chosen.has(option.value) }));
}

export function select(component, world, use) {
  const options = selectOptions(component, world);
  const waiting = use.waitingFor === component.custom_id;
  const chosen = options
    .filter((option) => option.chosen)
    .map(({ label }) => label)
    .join(", ");
  const placeholder = component.placeholder || "Make a selection";
  const opener = h(
    "button",
    {
      type: "button",
      class: `select${waiting ? " waiting" : ""}`,
      disabled: component.disabled,
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-busy": waiting ? "true" : null,
      "aria-label": chosen ? `${placeholder}: ${chosen}` : placeholder,
      "data-key": component.custom_id,
      onclick: () =>
        new OpenSelect(opener, component, options, (values) => use.press(component, values)),
      onkeydown: (event) => {
        if (event.key !== "ArrowDown") return;
        event.preventDefault();
        opener.click();
      },
    },
    h("span", { class: chosen ? "" : "placeholder" }, chosen || placeholder),
    icon("chevron"),
  );
  return h("div", { class: "select-holder" }, opener);
}

class OpenSelect {
  constructor(opener, component, options, onDone) {
    const open = opener.parentElement.querySelector(".select-list");
    if (open) return;
    this.opener = opener;
    this.onDone = onDone;
    this.least = component.min_values ?? 1;
    this.most = component.max_values ?? 1;
    this.options = options;
    this.before = this.#values().join();
    this.list = h("ul", {
      class: "select-list",
      role: "listbox",
      tabindex: "-1",
      "aria-label": component.placeholder || "Choices",
      "aria-multiselectable": this.most > 1 ? "true" : null,
      onkeydown: (event) => this.#key(event),
      onfocusout: ({ relatedTarget }) =>
        this.list.contains(relatedTarget) || this.#close(this.most > 1),
    });
    this.items = options.map((option) => this.#item(option));
    this.list.append(...this.items);
    opener.parentElement.append(this.list);
    const room =
      opener.getBoundingClientRect().top -
      (opener.closest(".timeline")?.getBoundingClientRect().top ?? 0);
    this.list.classList.toggle("below", room < this.list.offsetHeight + 8);
    opener.setAttribute("aria-expanded", "true");
    (this.items.find((item) => item.ariaSelected === "true") ?? this.items[0])?.focus();
  }

  #item(option) {
    return h(
      "li",
      {
        role: "option",
        tabindex: "-1",
        "aria-selected": String(option.chosen),
        onclick: () => this.#choose(option),
      },
      h(
        "span",
        { class: "select-text" },
        h(
          "span",
          {},
          option.emoji?.name && !option.emoji.id ? `${option.emoji.name} ` : "",
          option.label,
        ),
        option.description && h("small", {}, option.description),
      ),
      icon("check"),
    );
  }

  #values() {
    return this.options.filter(({ chosen }) => chosen).map(({ value }) => value);
  }

  #choose(option) {
    if (this.most === 1) {
      for (const each of this.options) each.chosen = each === option;
      this.#close(true);
      return;
    }
    if (option.chosen || this.#values().length < this.most) option.chosen = !option.chosen;
    this.items.forEach((item, at) =>
      item.setAttribute("aria-selected", String(this.options[at].chosen)),
    );
  }

  #close(submit) {
    if (!this.list.isConnected) return;
    const held = this.list.contains(document.activeElement);
    const values = this.#values();
    const list = this.list;
    this.list = h("ul");
    list.remove();
    this.opener.setAttribute("aria-expanded", "false");
    if (held) this.opener.focus();
    if (submit && values.length >= this.least && (this.most === 1 || values.join() !== this.before))
      this.onDone(values);
  }

  #key(event) {
    const at = this.items.indexOf(document.activeElement);
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.items.length - 1 };
    if (event.key in moves)
      this.items[(moves[event.key] + this.items.length) % this.items.length].focus();
    else if (event.key === "Escape") this.#close(false);
    else if (event.key === "Tab") this.#close(this.most > 1);
    else if (event.key === " " || (event.key === "Enter" && this.most === 1))
      this.#choose(this.options[at]);
    else if (event.key === "Enter") this.#close(true);
    else this.#typeAhead(event.key, at);
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  }

  #typeAhead(key, at) {
    if (key.length !== 1) return;
    const order = [...this.items.keys()].map((step) => (at + 1 + step) % this.items.length);
    const found = order.find((index) =>
      this.options[index].label.toLowerCase().startsWith(key.toLowerCase()),
    );
    if (found !== undefined) this.items[found].focus();
  }
}
