/** The left column: channels, the direct messages with the bot, and who one acts as. */

import { h, icon, iconButton } from "./dom.js";
import { avatar, botTag } from "./avatars.js";
import { displayName } from "./world.js";

export class Sidebar {
  #restore = null;

  /** `actions`: {openChannel(id), actAs(id)}. */
  constructor({ store, world, element, scrim, head, roster, actions }) {
    Object.assign(this, { store, world, element, scrim, head, roster, actions });
    this.channels = h("div", { class: "channel-list" });
    this.switcher = h("select", {
      id: "member",
      onchange: () => actions.actAs(this.switcher.value),
    });
    this.me = h("div", { class: "me" });
    this.guild = h("h1", { class: "guild" });
    element.append(this.guild, this.channels, this.me);
    scrim.addEventListener("click", () => this.closeDrawer());
    element.addEventListener("keydown", ({ key }) => key === "Escape" && this.closeDrawer());
    this.opener = iconButton("menu", "Channels and members", () => this.#openDrawer(), {
      class: "icon-button drawer-opener",
      "aria-controls": "sidebar",
      "aria-expanded": "false",
    });
    store.on("world channel unread", () => this.#render());
  }

  closeDrawer() {
    if (!document.body.classList.contains("drawer-open")) return;
    document.body.classList.remove("drawer-open");
    this.scrim.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    this.#restore?.focus();
  }

  /** Open the channel before (−1) or after (1) the present one. */
  go(step) {
    const ids = [...this.world.visibleChannels().map(({ id }) => id), this.store.dm.id];
    const at = ids.indexOf(this.store.channelId);
    this.actions.openChannel(ids[(at + step + ids.length) % ids.length]);
  }

  #openDrawer() {
    this.#restore = document.activeElement;
    document.body.classList.add("drawer-open");
    this.scrim.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    this.channels.querySelector("[aria-current]")?.focus();
  }

  #render() {
    const held = this.channels.contains(document.activeElement)
      ? document.activeElement.dataset.id
      : null;
    this.guild.textContent = this.store.guilds[0]?.name ?? "Playground";
    this.channels.replaceChildren(
      h("h2", {}, "Text channels"),
      h(
        "ul",
        {},
        this.world
          .visibleChannels()
          .map((channel) =>
            this.#entry(
              channel.id,
              this.world.isPrivate(channel) ? icon("lock") : icon("hash"),
              channel.name,
            ),
          ),
      ),
      h("h2", {}, "Direct messages"),
      h(
        "ul",
        {},
        this.store.dm &&
          this.#entry(
            this.store.dm.id,
            avatar({ ...this.store.bot.user, bot: true }, "small"),
            displayName(this.store.bot.user),
          ),
      ),
    );
    if (held) this.channels.querySelector(`[data-id="${CSS.escape(held)}"]`)?.focus();
    this.#renderMe();
    this.#renderHead();
    this.#renderRoster();
  }

  #entry(id, symbol, name) {
    const unread = this.store.unread.get(id);
    const current = id === this.store.channelId;
    const classes = ["channel-link", unread && "unread", current && "current"]
      .filter(Boolean)
      .join(" ");
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: classes,
          "data-id": id,
          "aria-current": current ? "page" : null,
          onclick: () => {
            this.actions.openChannel(id);
            this.closeDrawer();
          },
        },
        symbol,
        h("span", { class: "channel-name" }, name),
        unread && h("span", { class: "unseen" }, `, ${unread.count} unread`),
        unread?.pings > 0 && h("span", { class: "badge", "aria-hidden": "true" }, unread.pings),
      ),
    );
  }

  #renderMe() {
    const user = this.world.user(this.store.me);
    this.switcher.replaceChildren(
      ...this.store.members.map(({ user: each, title }) =>
        h(
          "option",
          { value: each.id, selected: each.id === this.store.me, title },
          displayName(each),
        ),
      ),
    );
    if (!this.switcher.isConnected)
      this.me.replaceChildren(
        h("span", { class: "me-avatar" }),
        h(
          "label",
          { class: "me-choice", for: "member" },
          h("small", {}, "Acting as"),
          this.switcher,
        ),
        icon("chevron"),
      );
    this.me
      .querySelector(".me-avatar")
      .replaceChildren(avatar(user), h("span", { class: "online", "aria-hidden": "true" }));
  }

  #renderHead() {
    const channel = this.world.channel(this.store.channelId);
    const dm = this.world.isDm(this.store.channelId);
    const name = dm ? displayName(this.store.bot.user) : (channel?.name ?? "");
    document.title = `${dm ? "" : "#"}${name} · Highwater playground`;
    this.head.replaceChildren(
      this.opener,
      icon(dm ? "at" : channel && this.world.isPrivate(channel) ? "lock" : "hash"),
      h("h2", {}, name),
      h("p", { class: "topic" }, dm ? "Direct messages with the bot" : (channel?.topic ?? "")),
    );
  }

  #renderRoster() {
    const person = (user, title) =>
      h(
        "li",
        {},
        avatar(user, "small"),
        h(
          "span",
          { class: "roster-name" },
          this.#coloured(user),
          title && title !== displayName(user) && h("small", {}, title),
        ),
        user.bot && botTag(),
      );
    const { bot, members } = this.store;
    this.roster.replaceChildren(
      h("h2", {}, `Apps — ${bot.user ? 1 : 0}`),
      h(
        "ul",
        { class: bot.connected ? "" : "offline" },
        bot.user && person({ ...bot.user, bot: true }),
      ),
      h("h2", {}, `Members — ${members.length}`),
      h(
        "ul",
        {},
        members.map(({ user, title }) => person(user, title)),
      ),
    );
  }

  #coloured(user) {
    const name = h("span", { class: "author" }, displayName(user));
    const colour = this.world.colour(user.id);
    if (colour) name.style.setProperty("--role", colour);
    return name;
  }
}
