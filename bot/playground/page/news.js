/** What the server tells through the event socket, put into the store. */

/** Whether the bot has answered, if only with a message that says it is thinking. */
export const isSettled = (record) => ["answered", "deferred"].includes(record?.state);

export class News {
  /**
   * `hooks`: {onMessage(message), onUpdate(message), onModal(modal), onInteraction(record)};
   * `refresh`: {commands(), world()}.
   */
  constructor({ store, world, hooks, refresh }) {
    Object.assign(this, { store, world, hooks, refresh });
    this.handlers = {
      message_create: (message) => this.#arrived(message),
      message_update: (message) => this.#updated(message),
      message_delete: ({ id, channel_id: channelId }) => store.remove(channelId, id),
      modal: (modal) => hooks.onModal(modal),
      interaction: (record) => this.#recorded(record),
      channel_update: () => refresh.world(),
      commands: () => refresh.commands(),
      bot: (bot) => this.#botChanged(bot),
      market: (market) => store.set("market", { market, marketAt: Date.now() }),
    };
  }

  /** Take one event; types this page does not know are left alone. */
  handle({ type, data }) {
    this.handlers[type]?.(data);
  }

  #arrived(message) {
    const { channel_id: place, author } = message;
    this.store.put(place, [message]);
    this.store.trim(place);
    if (place === this.store.channelId) this.hooks.onMessage(message);
    else if (author.id !== this.store.me) this.#markUnread(message);
  }

  #updated(message) {
    this.store.put(message.channel_id, [message]);
    if (message.channel_id === this.store.channelId) this.hooks.onUpdate(message);
  }

  #markUnread({ channel_id: place, mentions }) {
    const named = mentions?.some(({ id }) => id === this.store.me) || this.world.isDm(place);
    const before = this.store.unread.get(place) ?? { count: 0, pings: 0 };
    const pings = before.pings + (named ? 1 : 0);
    this.store.unread.set(place, { count: before.count + 1, pings });
    this.store.changed("unread");
  }

  #recorded(record) {
    const { id, state, error } = record;
    this.store.records.set(id, { id, state, error });
    if (isSettled(record)) this.store.started.delete(id);
    this.hooks.onInteraction(record);
    this.store.changed("interactions");
  }

  #botChanged(bot) {
    const came = bot.connected && !this.store.bot.connected;
    this.store.set("connection", { bot: { ...this.store.bot, ...bot } });
    if (came) this.refresh.commands();
  }
}
