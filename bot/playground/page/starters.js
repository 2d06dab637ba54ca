/** First commands to try, offered as chips while the person has run only a few. */

import { h, iconButton } from "./dom.js";
import { entries } from "./commands.js";
import { recall, remember } from "./memory.js";

const OFFERS = [
  ["high", "/high IVOO"],
  ["chart", "/chart"],
  ["subscribe", "/subscribe"],
  ["breadth", "/breadth"],
  ["setups universe", "/setups universe"],
  ["help", "/help"],
];
const MOST = 4;
const ENOUGH_RUNS = 6;

export class Starters {
  #runs = 0;

  /** `prepare(text)` puts a command into the composer. */
  constructor({ store, element, prepare }) {
    Object.assign(this, { store, element, prepare });
    store.on("commands channel", () => this.#render());
  }

  /** The person ran a command. */
  count() {
    this.#runs += 1;
    this.#render();
  }

  #render() {
    const known = new Set(entries(this.store.commands).map(({ name }) => name));
    const offers = OFFERS.filter(([name]) => known.has(name)).slice(0, MOST);
    this.element.hidden =
      !offers.length || recall("starters") === "closed" || this.#runs >= ENOUGH_RUNS;
    this.element.replaceChildren(
      h("span", { class: "starters-label" }, "Try"),
      ...offers.map(([, text]) =>
        h("button", { type: "button", class: "starter", onclick: () => this.prepare(text) }, text),
      ),
      iconButton("close", "Hide these suggestions", () => {
        remember("starters", "closed");
        this.#render();
      }),
    );
  }
}
