/** Who and what there is: members, roles and channels by id, and what the acting member may do. */

const VIEW_CHANNEL = 1n << 10n;
const SEND_MESSAGES = 1n << 11n;
const TEXT_CHANNELS = new Set([0, 5]);

export class World {
  constructor(store) {
    this.store = store;
  }

  member(id) {
    return this.store.members.find(({ user }) => user.id === id) ?? null;
  }

  user(id) {
    return this.member(id)?.user ?? (this.store.bot.user?.id === id ? this.store.bot.user : null);
  }

  role(id) {
    return this.store.guilds.flatMap(({ roles }) => roles).find((role) => role.id === id) ?? null;
  }

  /** All roles but @everyone. */
  roles() {
    return this.store.guilds.flatMap((guild) => guild.roles.filter(({ id }) => id !== guild.id));
  }

  channel(id) {
    if (this.isDm(id)) return this.store.dm;
    return this.#channels().find((channel) => channel.id === id) ?? null;
  }

  isDm(id) {
    return this.store.dm?.id === id;
  }

  /** The text channels that the acting member may view, in order; the server leaves out the others. */
  visibleChannels() {
    return this.#channels()
      .filter(({ type }) => TEXT_CHANNELS.has(type))
      .sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  }

  /** Whether not everyone may view the channel. */
  isPrivate(channel) {
    const everyone = channel.permission_overwrites?.find(({ id }) =>
      this.store.guilds.some((guild) => guild.id === id),
    );
    return Boolean(BigInt(everyone?.deny ?? 0) & VIEW_CHANNEL);
  }

  maySend(id) {
    const permissions = this.channel(id)?.permissions;
    return permissions === undefined || Boolean(BigInt(permissions) & SEND_MESSAGES);
  }

  /** The colour of a member's highest coloured role as #rrggbb, or null. */
  colour(id) {
    const held = this.member(id)?.roles ?? [];
    const coloured = this.roles().filter((role) => held.includes(role.id) && role.color);
    const top = coloured.sort((a, b) => b.position - a.position)[0];
    return top ? `#${top.color.toString(16).padStart(6, "0")}` : null;
  }

  #channels() {
    return this.store.guilds.flatMap(({ channels }) => channels);
  }
}

/** The name people see. */
export function displayName(user) {
  return user?.global_name || user?.username || "Unknown member";
}
