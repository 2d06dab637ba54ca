/** A short tour of four stops; it can be left at any time and comes only once by itself. */

import { h } from "./dom.js";
import { recall, remember } from "./memory.js";

const GAP_PX = 12;
const PHONE_PX = 700;
const STOPS = [
  {
    at: "#channel-head",
    title: "A Discord server of your own",
    text: "Highwater runs here as it would in your server: same commands, same cards, same buttons. No Discord account is needed.",
  },
  {
    at: "#composer",
    title: "Ask with a slash",
    text: "Type / to see every command, or write /high IVOO and press Enter. Tab takes a suggestion; Alt with ↑ or ↓ changes the channel.",
  },
  {
    at: "#market",
    needs: ".market-controls:not([hidden])",
    title: "Move the market",
    text: "Play, pause or step one session. Alerts arrive in the subscribed channels as the clock moves.",
  },
  {
    at: ".me",
    phone: ".drawer-opener",
    title: "See it as someone else",
    text: "Act as admin, moderator or member: each sees only the commands and channels their rights allow.",
  },
];

export class Tour {
  #stops = STOPS;
  #stop = 0;
  #box = null;

  constructor({ overlays, onEnd }) {
    Object.assign(this, { overlays, onEnd });
    addEventListener("resize", () => this.#box && this.#place());
  }

  startOnce() {
    if (recall("tour") !== "seen") this.start();
  }

  start() {
    this.#stops = STOPS.filter(({ needs }) => !needs || document.querySelector(needs));
    this.#stop = 0;
    this.#show();
  }

  #show() {
    this.#box?.remove();
    const { title, text } = this.#stops[this.#stop];
    const last = this.#stop === this.#stops.length - 1;
    const next = h(
      "button",
      {
        type: "button",
        class: "button primary",
        onclick: () => (last ? this.#end() : this.#go(1)),
      },
      last ? "Start" : "Next",
    );
    this.#box = h(
      "div",
      {
        class: "tour",
        role: "dialog",
        "aria-labelledby": "tour-title",
        "aria-describedby": "tour-text",
        onkeydown: ({ key }) => key === "Escape" && this.#end(),
      },
      h("h2", { id: "tour-title" }, title),
      h("p", { id: "tour-text" }, text),
      h(
        "div",
        { class: "tour-actions" },
        h("span", { class: "tour-count" }, `${this.#stop + 1} of ${this.#stops.length}`),
        h("button", { type: "button", class: "button plain", onclick: () => this.#end() }, "Skip"),
        this.#stop > 0 &&
          h(
            "button",
            { type: "button", class: "button secondary", onclick: () => this.#go(-1) },
            "Back",
          ),
        next,
      ),
    );
    this.overlays.append(this.#box);
    this.#place();
    next.focus({ preventScroll: true });
  }

  #go(step) {
    this.#stop += step;
    this.#show();
  }

  #end() {
    remember("tour", "seen");
    document.querySelector(".toured")?.classList.remove("toured");
    this.#box?.remove();
    this.#box = null;
    this.onEnd();
  }

  #place() {
    const { at, phone } = this.#stops[this.#stop];
    const target = document.querySelector(innerWidth < PHONE_PX && phone ? phone : at);
    document.querySelector(".toured")?.classList.remove("toured");
    target.classList.add("toured");
    const { left, top, bottom, width } = target.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.#box;
    const below = bottom + GAP_PX + offsetHeight < innerHeight;
    const x = Math.min(
      left + Math.min(width / 2, 160) - offsetWidth / 4,
      innerWidth - offsetWidth - GAP_PX,
    );
    this.#box.style.left = `${Math.max(GAP_PX, x)}px`;
    this.#box.style.top = `${below ? bottom + GAP_PX : Math.max(GAP_PX, top - GAP_PX - offsetHeight)}px`;
  }
}
