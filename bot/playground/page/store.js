/**
 * What the page knows. Parts of the page listen to topics:
 * world, channel, messages, interactions, commands, market, connection, unread.
 */

import { recall, remember } from "./memory.js";

/** Order of two snowflakes, which are numbers too long for a number. */
export function bySnowflake(a, b) {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

const EPHEMERAL = 64;
const MOST_KEPT = 600;
const KEPT_AFTER_TRIM = 300;

export class Store extends EventTarget {
  bot = { user: null, connected: false };
  members = [];
  guilds = [];
  synthetic = "";
  me = null;
  dm = null;
  channelId = null;
  commands = [];
  market = null;
  /** When the server last told of the market, in milliseconds. */
  marketAt = 0;
  connection = { state: "connecting", retryIn: 0 };
  unread = new Map();
  /** Interactions that this page started, by id: {kind, channel, label, message, customId}. */
  started = new Map();
  /** The server's record of each interaction, by id. */
  records = new Map();
  #timelines = new Map();
  #complete = new Set();
  #dismissed = new Set(JSON.parse(recall("dismissed", "sessionStorage") || "[]"));

  on(topics, listener) {
    for (const topic of topics.split(" ")) this.addEventListener(topic, () => listener(this));
  }

  changed(topic) {
    this.dispatchEvent(new Event(topic));
  }

  set(topic, values) {
    Object.assign(this, values);
    this.changed(topic);
  }

  /** The messages of a channel, oldest first, without those this person dismissed. */
  messagesOf(channelId) {
    const timeline = this.#timelines.get(channelId) ?? new Map();
    return [...timeline.values()].sort((a, b) => bySnowflake(a.id, b.id));
  }

  message(channelId, id) {
    return this.#timelines.get(channelId)?.get(id) ?? null;
  }

  put(channelId, messages) {
    const timeline = this.#timelines.get(channelId) ?? new Map();
    this.#timelines.set(channelId, timeline);
    for (const message of messages) {
      if (this.#dismissed.has(message.id)) continue;
      const known = timeline.get(message.id);
      if (JSON.stringify(known) !== JSON.stringify(message)) timeline.set(message.id, message);
    }
    this.changed("messages");
  }

  /** Let go of the oldest messages of a channel that has run for long; they load again on demand. */
  trim(channelId) {
    if ((this.#timelines.get(channelId)?.size ?? 0) <= MOST_KEPT) return;
    const kept = this.messagesOf(channelId).slice(-KEPT_AFTER_TRIM);
    this.#timelines.set(channelId, new Map(kept.map((message) => [message.id, message])));
    this.#complete.delete(channelId);
  }

  remove(channelId, id) {
    this.#timelines.get(channelId)?.delete(id);
    this.changed("messages");
  }

  /** Hide an ephemeral message for the rest of this visit. */
  dismiss(message) {
    this.#dismissed.add(message.id);
    remember("dismissed", JSON.stringify([...this.#dismissed].slice(-200)), "sessionStorage");
    this.remove(message.channel_id, message.id);
  }

  forgetTimelines() {
    this.#timelines.clear();
    this.#complete.clear();
    this.started.clear();
    this.records.clear();
    this.unread.clear();
  }

  markComplete(channelId) {
    this.#complete.add(channelId);
  }

  /** Whether the channel's first message is loaded. */
  isComplete(channelId) {
    return this.#complete.has(channelId);
  }
}

export function isEphemeral(message) {
  return Boolean((message.flags ?? 0) & EPHEMERAL);
}
