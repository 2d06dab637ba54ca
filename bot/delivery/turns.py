"""Whose turn is it? Round-robin over servers, then over their channels. Pure.

Ten thousand messages owed to one server must not keep the next server waiting for its one, so
the channels of a server take turns with each other and servers take turns with servers.
"""

from collections import Counter
from collections.abc import Sequence

from storage.claims import DueChannel


class Turns:
    """Orders due channels; remembers who was served last."""

    def __init__(self) -> None:
        self._number = 0
        self._guilds: dict[int, int] = {}
        self._channels: dict[int, int] = {}

    def order(self, due: Sequence[DueChannel]) -> list[DueChannel]:
        """One channel of every server, the longest unserved first, then a second one of each.

        Forgets whoever is not due any more.
        """
        guilds, channels = self._guilds, self._channels
        self._guilds = {each.guild_id: guilds.get(each.guild_id, 0) for each in due}
        self._channels = {each.channel_id: channels.get(each.channel_id, 0) for each in due}
        place: Counter[int] = Counter()
        keyed = []
        for each in sorted(due, key=lambda d: (self._channels[d.channel_id], d.oldest)):
            keyed.append((place[each.guild_id], self._guilds[each.guild_id], each.oldest, each))
            place[each.guild_id] += 1
        return [entry[3] for entry in sorted(keyed, key=lambda entry: entry[:3])]

    def served(self, channel: DueChannel) -> None:
        self._number += 1
        self._guilds[channel.guild_id] = self._number
        self._channels[channel.channel_id] = self._number
