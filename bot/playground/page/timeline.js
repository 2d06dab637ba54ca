/** The message list of the open channel: keeps rows in step with the store, the scroll and the focus. */

import { h } from "./dom.js";
import { mark } from "./avatars.js";
import { hasReference, isThinking, messageItem, summary } from "./message.js";
import { pendingItem } from "./pending.js";
import { Scroll } from "./scroll.js";
import { dayName } from "./stamps.js";
import { isEphemeral } from "./store.js";
import { displayName } from "./world.js";

const TOGETHER_MS = 7 * 60_000;

export class Timeline {
  #rows = new Map();
  #channel = null;
  #scheduled = false;
  #loadingOlder = false;
  #thinking = new Set();
  #reveal = null;

  /** `actions`: {press, dismiss, openMenu, openChannel, prepareCommand, loadOlder, forget}. */
  constructor({ store, world, actions, element, toNewest, announcer }) {
    Object.assign(this, { store, world, actions, element, announcer });
    this.list = h("ol", { class: "messages", onkeydown: (event) => this.#key(event) });
    this.intro = h("div", { class: "intro" });
    this.pending = h("ol", { class: "messages pending" });
    element.append(this.intro, this.list, this.pending);
    this.scroll = new Scroll({ element, toNewest, onStart: () => this.#loadOlder() });
    store.on("channel messages interactions world", () => this.#schedule());
  }

  /** Read out a message that just came. */
  announce(message) {
    if (message.author.id === this.store.me) {
      this.scroll.follow();
      return;
    }
    if (this.#answers(message)) this.#answered(message);
    else this.scroll.came();
    const privately = isEphemeral(message) ? "Only you can see this. " : "";
    this.announcer.textContent = `${displayName(message.author)}: ${privately}${summary(message, this.world)}`;
  }

  /** A thinking message became the answer, perhaps above what came meanwhile. */
  changed(message) {
    if (this.#answers(message) && !isThinking(message) && this.#thinking.delete(message.id))
      this.#answered(message);
  }

  #answered(message) {
    if (isThinking(message)) {
      this.#thinking.add(message.id);
      this.scroll.follow();
      return;
    }
    this.scroll.answered();
    this.#reveal = message.id;
  }

  #answers(message) {
    return message.interaction_metadata?.user?.id === this.store.me;
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#render();
    });
  }

  #render() {
    const { channelId } = this.store;
    if (channelId !== this.#channel) {
      this.#channel = channelId;
      this.#rows.clear();
      this.list.replaceChildren();
      this.scroll.restart();
    }
    const focused = this.#focusedKey();
    const first = this.list.querySelector(".message");
    const heightBefore = this.element.scrollHeight;
    this.#renderIntro(channelId);
    this.#renderRows(channelId);
    this.#renderPending(channelId);
    this.#restoreFocus(focused);
    if (this.scroll.follows) this.scroll.toEnd();
    else if (first?.isConnected && first !== this.list.querySelector(".message"))
      this.element.scrollTop += this.element.scrollHeight - heightBefore;
    else this.#rows.get(this.#reveal)?.element.scrollIntoView({ block: "nearest" });
    this.#reveal = null;
  }

  #renderIntro(channelId) {
    const channel = this.world.channel(channelId);
    this.intro.hidden = !channel || !this.store.isComplete(channelId);
    if (!channel) return;
    const dm = this.world.isDm(channelId);
    const name = dm ? displayName(this.store.bot.user) : `#${channel.name}`;
    const words = dm
      ? `This is the beginning of your direct messages with ${name}.`
      : `This is the start of ${name}. ${channel.topic ?? ""}`;
    this.intro.replaceChildren(
      h("span", { class: "intro-mark", "aria-hidden": "true" }, dm ? mark() : "#"),
      h("h2", {}, dm ? name : `Welcome to ${name}`),
      h("p", {}, words),
    );
  }

  #renderRows(channelId) {
    const keep = new Map();
    const wanted = [];
    let before = null;
    for (const message of this.store.messagesOf(channelId)) {
      const newDay = !before || dayName(before.timestamp) !== dayName(message.timestamp);
      if (newDay)
        wanted.push(
          this.#row(keep, `day-${dayName(message.timestamp)}`, [], () =>
            dayLine(message.timestamp),
          ),
        );
      const follows = !newDay && belongTogether(before, message);
      wanted.push(this.#messageRow(keep, message, follows));
      before = message;
    }
    this.#rows = keep;
    wanted.forEach((element, at) => {
      if (this.list.children[at] !== element)
        this.list.insertBefore(element, this.list.children[at] ?? null);
    });
    while (this.list.children.length > wanted.length) this.list.lastChild.remove();
    const stop =
      this.list.querySelector(".message[tabindex='0']") ??
      this.list.querySelector(".message:last-child");
    stop?.setAttribute("tabindex", "0");
  }

  /** The element under this key, built anew only when one of its facts changed. */
  #row(keep, key, facts, build) {
    const known = this.#rows.get(key);
    const same = known && facts.every((fact, at) => fact === known.facts[at]);
    const row = same ? known : { facts, element: build() };
    if (known && !same) known.element.replaceWith(row.element);
    keep.set(key, row);
    return row.element;
  }

  #messageRow(keep, message, follows) {
    const use = this.#interactionOn(message.id);
    const lost = use?.record?.state === "failed";
    const waitingFor = use && !lost ? use.customId : null;
    const failed = lost ? "This interaction failed" : null;
    return this.#row(keep, message.id, [message, follows, waitingFor, failed], () =>
      messageItem(message, {
        world: this.world,
        context: {
          world: this.world,
          onChannel: this.actions.openChannel,
          onCommand: this.actions.prepareCommand,
        },
        follows,
        failed,
        waitingFor,
        press: this.actions.press,
        dismiss: this.actions.dismiss,
        openMenu: this.actions.openMenu,
        jump: (id) => this.#jump(id),
      }),
    );
  }

  /** The newest use of a component of this message that still waits or has failed. */
  #interactionOn(messageId) {
    const uses = [...this.store.started].filter(
      ([, start]) => start.message === messageId && start.kind === "component",
    );
    const [id, start] = uses.at(-1) ?? [];
    return id ? { ...start, record: this.store.records.get(id) } : null;
  }

  #renderPending(channelId) {
    const messages = this.store.messagesOf(channelId);
    const answered = new Set(messages.map((message) => message.interaction_metadata?.id));
    const here = [...this.store.started].filter(
      ([id, { kind, channel }]) =>
        channel === channelId && kind.endsWith("command") && !answered.has(id),
    );
    const user = this.world.user(this.store.me);
    const rows = here.map(([id, { label }]) =>
      pendingItem({
        ...{ user, label, bot: this.store.bot.user, record: this.store.records.get(id) },
        onDismiss: () => this.actions.forget(id),
      }),
    );
    this.pending.replaceChildren(...rows);
  }

  #jump(id) {
    const row = this.#rows.get(id)?.element;
    row?.scrollIntoView({ block: "center" });
    row?.focus();
  }

  async #loadOlder() {
    if (this.#loadingOlder || this.store.isComplete(this.#channel)) return;
    this.#loadingOlder = true;
    await this.actions.loadOlder();
    this.#loadingOlder = false;
  }

  #key(event) {
    const row = event.target.closest(".message");
    if (!row || event.target !== row) return;
    const rows = [...this.list.querySelectorAll(".message")];
    const at = rows.indexOf(row);
    const next = {
      ArrowUp: rows[at - 1],
      ArrowDown: rows[at + 1],
      Home: rows[0],
      End: rows.at(-1),
    }[event.key];
    if (!next) return;
    event.preventDefault();
    row.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }

  #focusedKey() {
    const active = document.activeElement;
    const row = this.list.contains(active) ? active.closest(".message") : null;
    return row ? { id: row.dataset.id, key: active.dataset.key, row } : null;
  }

  #restoreFocus(focused) {
    if (!focused || focused.row.isConnected) return;
    const row = this.#rows.get(focused.id)?.element;
    const control =
      focused.key &&
      [...(row?.querySelectorAll("[data-key]") ?? [])].find(
        ({ dataset, disabled }) => dataset.key === focused.key && !disabled,
      );
    (control || row || this.list.querySelector(".message:last-child"))?.focus({
      preventScroll: true,
    });
  }
}

function belongTogether(before, message) {
  return (
    before.author.id === message.author.id &&
    !hasReference(message) &&
    isEphemeral(before) === isEphemeral(message) &&
    Date.parse(message.timestamp) - Date.parse(before.timestamp) < TOGETHER_MS
  );
}

function dayLine(timestamp) {
  return h("li", { class: "day-line" }, h("span", {}, dayName(timestamp)));
}
