"""Everything that the request handlers share, and how a change reaches bot and people alike."""

from dataclasses import dataclass, field

from bot.playground import feeds
from bot.playground.audience import Audience
from bot.playground.calls import Json
from bot.playground.codes import DIRECT_MESSAGES, GUILD_MEMBERS, GUILD_MESSAGES, GUILDS
from bot.playground.commands import Commands
from bot.playground.faults import Faults
from bot.playground.gateway import Gateway
from bot.playground.interactions import Interactions
from bot.playground.limits import Limits
from bot.playground.log import Log
from bot.playground.market import MarketControl
from bot.playground.refusals import Problem, invalid_form
from bot.playground.state import EPHEMERAL, Entry, State
from bot.playground.world import gateway_guild


@dataclass(kw_only=True)
class Stage:
    state: State
    gateway: Gateway
    audience: Audience
    commands: Commands
    interactions: Interactions
    limits: Limits = field(default_factory=Limits)
    faults: Faults = field(default_factory=Faults)
    log: Log = field(default_factory=Log)
    market: MarketControl | None = None

    def message_created(self, entry: Entry) -> None:
        self._message("MESSAGE_CREATE", entry)
        self.audience.tell_message("message_create", entry)

    def message_updated(self, entry: Entry) -> None:
        """Tell of a change, and of what it changes where the message was published to."""
        for each in (entry, *feeds.mirrored(self.state, entry)):
            self._message("MESSAGE_UPDATE", each)
            self.audience.tell_message("message_update", each)

    def delete_message(self, entry: Entry) -> None:
        self.state.drop_entry(entry)
        guild_id = self.state.channel(entry.channel_id).get("guild_id")
        gone = {"id": entry.id, "channel_id": entry.channel_id}
        if not entry.message["flags"] & EPHEMERAL:
            shown = gone | ({"guild_id": guild_id} if guild_id else {})
            intent = GUILD_MESSAGES if guild_id else DIRECT_MESSAGES
            self.gateway.dispatch("MESSAGE_DELETE", shown, guild_id=guild_id, intent=intent)
        self.audience.tell_message("message_delete", entry, data=gone)
        for copy in feeds.orphaned(self.state, entry):
            self.message_updated(copy)

    def channel_changed(self, change: str, channel: Json) -> None:
        """`change` is created, updated or deleted."""
        event = {"created": "CREATE", "updated": "UPDATE", "deleted": "DELETE"}[change]
        self.gateway.dispatch(
            f"CHANNEL_{event}", channel, guild_id=channel.get("guild_id"), intent=GUILDS
        )
        self.audience.tell("channel_update", {"change": change, "channel": channel})

    def guild_joined(self, guild: Json) -> None:
        """The bot came into a guild; unlike at the start nothing is said of availability."""
        shown = gateway_guild(self.state, guild)
        del shown["unavailable"]
        self.gateway.dispatch("GUILD_CREATE", shown, guild_id=guild["id"], intent=GUILDS)
        self.audience.tell("commands", {})

    def guild_left(self, guild: Json) -> None:
        """The bot is about to be taken out of a guild."""
        self.gateway.dispatch(
            "GUILD_DELETE", {"id": guild["id"]}, guild_id=guild["id"], intent=GUILDS
        )
        self.audience.tell("commands", {})

    def member_changed(self, guild_id: str, member: Json) -> None:
        """Bots hear of their own member without the members intent."""
        own = member["user"]["id"] == self.state.bot_id
        self.gateway.dispatch(
            "GUILD_MEMBER_UPDATE",
            member | {"guild_id": guild_id},
            guild_id=guild_id,
            intent=0 if own else GUILD_MEMBERS,
        )

    def demand(self, where: str, problems: list[Problem]) -> None:
        """Record broken rules and refuse the request, if there are any."""
        if problems:
            self.log.complain(self.state.timer.now(), where=where, problems=tuple(problems))
            raise invalid_form(*problems)

    def _message(self, event: str, entry: Entry) -> None:
        message = entry.message
        if message["flags"] & EPHEMERAL:
            return
        guild_id = self.state.channel(entry.channel_id).get("guild_id")
        if guild_id:
            message = message | {"guild_id": guild_id}
            member = self.state.members[guild_id].get(message["author"]["id"])
            if member is not None:
                message["member"] = {key: each for key, each in member.items() if key != "user"}
        self.gateway.dispatch_message(event, message, guild_id=guild_id)
