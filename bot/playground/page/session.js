/** What the acting person does, and what the server says happened. */

import { recall, remember } from "./memory.js";
import { News, isSettled } from "./news.js";

const PAGE_OF_MESSAGES = 50;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const DM = 1;
const MARKET_LOOK_MS = 1_000;

export class Session {
  #wasLost = false;

  /** `hooks` as News takes them. */
  constructor({ store, world, api, hooks }) {
    Object.assign(this, { store, world, api });
    const refresh = {
      commands: () => this.#quietly(() => this.refreshCommands()),
      world: () => this.#quietly(() => this.#followWorld()),
    };
    this.news = new News({ store, world, hooks, refresh });
  }

  /** Load everything, again and again until the server answers. */
  async start(events) {
    this.events = events;
    setInterval(() => this.#watchMarket(), MARKET_LOOK_MS);
    for (
      let pause = FIRST_PAUSE_MS;
      !(await this.#begun());
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    ) {
      this.store.set("connection", { connection: { state: "lost", retryIn: pause / 1000 } });
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async actAs(memberId) {
    remember("member", memberId);
    this.store.forgetTimelines();
    this.store.me = memberId;
    await this.#loadWorld();
    await this.openChannel(this.#firstChannel());
    this.events.listen(memberId);
    await this.#loadMarket();
  }

  async openChannel(channelId) {
    this.store.unread.delete(channelId);
    remember("channel", channelId);
    this.store.set("channel", { channelId });
    this.store.changed("unread");
    await Promise.all([this.#loadMessages(channelId), this.refreshCommands()]);
  }

  async loadOlder() {
    const { channelId } = this.store;
    const oldest = this.store.messagesOf(channelId)[0];
    if (oldest) await this.#loadMessages(channelId, oldest.id);
  }

  async refreshCommands() {
    const { me, channelId } = this.store;
    const commands = await this.api.commands(me, channelId);
    const stale = channelId !== this.store.channelId || me !== this.store.me;
    const same = JSON.stringify(commands) === JSON.stringify(this.store.commands);
    if (!stale && !same) this.store.set("commands", { commands });
  }

  async post(content) {
    const { me, channelId } = this.store;
    return this.#told(async () =>
      this.store.put(channelId, [await this.api.post(channelId, { as: me, content })]),
    );
  }

  /** Run a slash command; a sentence when the server refuses it. */
  run(entry, options, files) {
    const label = `/${entry.name}`;
    return this.#start(
      {
        kind: "command",
        command: entry.id,
        name: entry.root,
        options,
        ...(files.length ? { files } : {}),
      },
      { label },
    );
  }

  runOnMessage(command, target) {
    return this.#start(
      { kind: "message_command", command: command.id, name: command.name, target },
      { label: command.name },
    );
  }

  press(message, component, values) {
    return this.#start(
      {
        kind: "component",
        message: message.id,
        custom_id: component.custom_id,
        component_type: component.type,
        ...(values ? { values } : {}),
      },
      { message: message.id, customId: component.custom_id },
    );
  }

  /** The id of the new interaction; throws ApiError. */
  async submitModal(modal, values) {
    const { id } = await this.api.interact({
      as: this.store.me,
      channel: this.store.channelId,
      kind: "modal",
      interaction: modal.interaction_id,
      custom_id: modal.custom_id,
      values,
    });
    return id;
  }

  async complete(entry, options) {
    const { me: as, channelId: channel } = this.store;
    const answer = await this.api.interact({
      as,
      channel,
      kind: "autocomplete",
      command: entry.id,
      name: entry.root,
      options,
    });
    return answer.choices;
  }

  forget(interactionId) {
    this.store.started.delete(interactionId);
    this.store.changed("interactions");
  }

  /** The event socket opened or broke. After a break everything may have changed. */
  async connection(state, retryIn) {
    this.store.set("connection", { connection: { state, retryIn } });
    if (state === "lost") this.#wasLost = true;
    else if (this.#wasLost) await this.#reload();
    else await this.#quietly(() => this.#catchUp());
  }

  async moveMarket(action, value) {
    return this.#told(async () =>
      this.store.set("market", { market: await this.api.moveMarket(action, value) }),
    );
  }

  /** A playing market moves between its events, too. */
  #watchMarket() {
    const silent = Date.now() - this.store.marketAt > MARKET_LOOK_MS * 0.9;
    if (this.store.market?.playing && silent && this.store.connection.state === "open")
      this.#quietly(() => this.#loadMarket());
  }

  /** What happened between loading and the opening of the socket. */
  async #catchUp() {
    await this.#followWorld();
    await this.#loadMessages(this.store.channelId);
  }

  async #followWorld() {
    await this.#loadWorld();
    if (!this.world.channel(this.store.channelId)) await this.openChannel(this.#firstChannel());
  }

  async #reload() {
    this.#wasLost = false;
    await this.#quietly(async () => {
      this.store.forgetTimelines();
      await this.#loadWorld();
      const here = this.world.channel(this.store.channelId)
        ? this.store.channelId
        : this.#firstChannel();
      await this.openChannel(here);
      await this.#loadMarket();
    });
  }

  async #begun() {
    try {
      const { members, me } = await this.api.state();
      const wanted = recall("member");
      await this.actAs(members.some(({ user }) => user.id === wanted) ? wanted : me);
      return true;
    } catch (error) {
      if (error.status) throw error;
      return false;
    }
  }

  async #start(body, start) {
    const { me: as, channelId: channel } = this.store;
    return this.#told(async () => {
      const { id } = await this.api.interact({ as, channel, ...body });
      if (!isSettled(this.store.records.get(id)))
        this.store.started.set(id, { kind: body.kind, channel, ...start });
      this.store.changed("interactions");
    });
  }

  async #loadWorld() {
    const { me } = this.store;
    const [state, dm] = await Promise.all([this.api.state(me), this.api.openDm(me)]);
    const { bot, members, guilds, synthetic } = state;
    this.store.set("world", { bot, members, guilds, synthetic, dm: { ...dm, type: DM } });
    this.store.changed("connection");
  }

  async #loadMessages(channelId, before) {
    const messages = await this.api.messages(channelId, this.store.me, before);
    if (messages.length < PAGE_OF_MESSAGES) this.store.markComplete(channelId);
    this.store.put(channelId, messages);
  }

  async #loadMarket() {
    try {
      this.store.set("market", { market: await this.api.market() });
    } catch (error) {
      if (error.status !== 404) throw error;
      this.store.set("market", { market: null });
    }
  }

  #firstChannel() {
    const remembered = recall("channel");
    return this.world.channel(remembered)
      ? remembered
      : (this.world.visibleChannels()[0]?.id ?? this.store.dm.id);
  }

  /** Nothing when it worked, the server's sentence when it did not. */
  async #told(act) {
    try {
      await act();
      return null;
    } catch (error) {
      return error.message;
    }
  }

  /** For what the person did not ask for: the state line tells of a lost server. */
  async #quietly(act) {
    try {
      await act();
    } catch (error) {
      console.warn(error.message);
    }
  }
}
