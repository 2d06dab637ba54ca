/** The menu of a message: the bot's message commands (Apps) and copying. */

import { h } from "./dom.js";
import { messageCommands } from "./commands.js";

const MARGIN_PX = 8;

export class MessageMenu {
  #close = null;

  /** `run(command, message)`, `say(sentence)`. */
  constructor({ store, overlays, run, say }) {
    Object.assign(this, { store, overlays, run, say });
  }

  open(message, event) {
    event.preventDefault();
    this.#close?.();
    const opener = document.activeElement;
    const apps = messageCommands(this.store.commands);
    const menu = h(
      "div",
      {
        class: "menu",
        role: "menu",
        "aria-label": "Message",
        onkeydown: (pressed) => this.#key(pressed, menu),
      },
      h("p", { class: "menu-head" }, "Apps"),
      apps.length
        ? apps.map((command) => this.#item(command.name, () => this.run(command, message)))
        : h("p", { class: "menu-empty" }, "This bot has no message commands"),
      h("hr"),
      message.content && this.#item("Copy text", () => this.#copy(message.content)),
      this.#item("Copy message ID", () => this.#copy(message.id)),
    );
    const outside = ({ target }) => menu.contains(target) || this.#close?.();
    this.#close = () => {
      const held = menu.contains(document.activeElement);
      menu.remove();
      document.removeEventListener("pointerdown", outside);
      this.#close = null;
      if (held && opener?.isConnected) opener.focus();
    };
    this.overlays.append(menu);
    document.addEventListener("pointerdown", outside);
    this.#place(menu, event);
    menu.querySelector("[role=menuitem]").focus();
  }

  #item(label, act) {
    return h(
      "button",
      {
        type: "button",
        role: "menuitem",
        tabindex: "-1",
        onclick: () => {
          this.#close?.();
          act();
        },
      },
      label,
    );
  }

  #place(menu, event) {
    const at = event.currentTarget.getBoundingClientRect();
    const pointed = event.type === "contextmenu" && event.clientX > 0;
    const left = pointed ? event.clientX : at.right - menu.offsetWidth;
    const top = pointed ? event.clientY : Math.min(at.bottom, at.top + 40);
    menu.style.left = `${Math.max(MARGIN_PX, Math.min(left, innerWidth - menu.offsetWidth - MARGIN_PX))}px`;
    menu.style.top = `${Math.max(MARGIN_PX, Math.min(top, innerHeight - menu.offsetHeight - MARGIN_PX))}px`;
  }

  #key(event, menu) {
    const items = [...menu.querySelectorAll("[role=menuitem]")];
    const at = items.indexOf(document.activeElement);
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    if (event.key in moves) items[(moves[event.key] + items.length) % items.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") this.#close?.();
    else return;
    event.preventDefault();
  }

  async #copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.say("Copied.");
    } catch {
      this.say("This browser does not let the page copy.");
    }
  }
}
