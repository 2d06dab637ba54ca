/** The bar at the top: market date and clock, play, pause, step, speed, the source, the bot's state. */

import { h, icon, iconButton } from "./dom.js";
import { mark } from "./avatars.js";
import { setMarketNow } from "./stamps.js";

const ZONE = "America/New_York";
const SPEEDS = [1, 3, 6, 12, 30, 60]; // sessions a minute
const day = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  weekday: "short",
  day: "2-digit",
  month: "short",
  year: "numeric",
});
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  hour: "2-digit",
  minute: "2-digit",
});

export class MarketBar {
  /** `actions`: {move(action, value) → sentence or null, toggleTheme(), startTour()}; `say(sentence)`. */
  constructor({ store, element, actions, say }) {
    Object.assign(this, { store, actions, say });
    this.date = h("span", { class: "market-date" });
    this.clock = h("span", { class: "market-clock" });
    this.phase = h("span", { class: "market-phase" });
    this.play = h("button", {
      type: "button",
      class: "icon-button",
      onclick: () => this.#move(this.store.market.playing ? "pause" : "play"),
    });
    this.step = iconButton("step", "Play one session", () => this.#move("step"));
    this.speed = h("select", {
      "aria-label": "Speed of the market clock",
      title: "Sessions a minute",
      onchange: () => this.#move("speed", Number(this.speed.value)),
    });
    this.controls = h(
      "div",
      { class: "market-controls", role: "group", "aria-label": "Market clock controls" },
      this.play,
      this.step,
      this.speed,
    );
    this.source = h("span", { class: "market-source" });
    this.notice = h("span", { class: "notice" });
    this.board = h("a", { class: "board-link", target: "_blank", rel: "noopener" }, "Board");
    this.bot = h("span", { class: "bot-state" });
    this.progress = h("div", { class: "market-progress", "aria-hidden": "true" });
    this.time = h("div", { class: "market-time" }, this.date, this.clock, this.phase);
    element.append(
      h("div", { class: "brand" }, mark(), h("span", {}, "Highwater")),
      this.time,
      this.controls,
      this.source,
      this.notice,
      h(
        "div",
        { class: "market-end" },
        this.board,
        this.bot,
        iconButton("help", "Show the tour", actions.startTour),
        (this.theme = iconButton("sun", "Light or dark", actions.toggleTheme)),
      ),
      this.progress,
    );
    store.on("market world connection", () => this.#render());
    this.#render();
  }

  async #move(action, value) {
    const problem = await this.actions.move(action, value);
    this.say(problem ?? "");
  }

  #render() {
    const { market, bot, synthetic } = this.store;
    this.time.hidden = this.controls.hidden = this.source.hidden = this.progress.hidden = !market;
    if (market) this.#renderMarket(market);
    else setMarketNow(null);
    this.board.hidden = !market?.board;
    if (market?.board) this.board.href = market.board;
    this.notice.hidden = !synthetic;
    this.notice.replaceChildren("Synthetic data");
    this.notice.title = synthetic;
    this.notice.setAttribute("aria-label", `Synthetic data. ${synthetic}`);
    this.bot.className = `bot-state ${bot.connected ? "good" : "bad"}`;
    this.bot.replaceChildren(
      h("span", { class: "dot", "aria-hidden": "true" }),
      h("span", { class: "bot-words" }, bot.connected ? "Bot connected" : "Bot not connected"),
    );
  }

  #renderMarket({ now, session, open, speed, playing, source, from, to, finished }) {
    const moment = new Date(now);
    setMarketNow(now);
    this.date.textContent = day.format(moment).replace(",", "");
    this.clock.replaceChildren(
      clock.format(moment),
      h("span", { class: "market-zone" }, " New York"),
    );
    this.phase.textContent = finished ? "Finished" : open ? "Open" : "Closed";
    this.phase.className = `market-phase ${open ? "good" : "neutral"}`;
    this.phase.title = session ? `Session of ${session}` : "";
    const label = playing ? "Pause the market" : "Play the market";
    this.play.replaceChildren(icon(playing ? "pause" : "play"));
    this.play.setAttribute("aria-label", label);
    this.play.title = label;
    this.source.textContent = source ?? "";
    this.#renderSpeed(speed);
    const share = (moment - Date.parse(from)) / (Date.parse(to) - Date.parse(from));
    this.progress.style.setProperty(
      "--share",
      String(Number.isFinite(share) ? Math.max(0, Math.min(1, share)) : 0),
    );
  }

  #renderSpeed(speed) {
    if (speed === undefined || Number(this.speed.value) === speed) return;
    const speeds = [...new Set([...SPEEDS, speed])].sort((a, b) => a - b);
    this.speed.replaceChildren(
      ...speeds.map((each) =>
        h("option", { value: String(each), selected: each === speed }, `${each}/min`),
      ),
    );
  }
}
