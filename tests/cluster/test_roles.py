"""Shards: how they are written, which servers they hold, and who gets in whose way."""

import pytest

from bot.cluster.part import Part
from bot.cluster.roles import Role, Shards
from bot.errors import SettingsError
from bot.settings import load_settings


@pytest.mark.parametrize(
    ("text", "numbers", "total"),
    [("0-3/8", [0, 1, 2, 3], 8), ("7/8", [7], 8), ("0/1", [0], 1), (" 2-2/4 ", [2], 4)],
)
def test_a_range_is_read_as_it_is_written(text: str, numbers: list[int], total: int) -> None:
    shards = Shards.parse(text)
    assert (list(shards.numbers), shards.total) == (numbers, total)
    assert Shards.parse(str(shards)) == shards


@pytest.mark.parametrize(
    "text", ["", "3", "0-8/8", "3-1/4", "-1/4", "0/0", "a-b/c", "0-1/99999", "0–1/4", "1/4/8"]
)
def test_what_is_no_range_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="is no range of shards"):
        Shards.parse(text)


@pytest.mark.parametrize(
    ("guild_id", "shard"),
    [
        # ids of Discord's documentation, divided by 4,194,304 and then by 4 with bash
        (197038439483310086, 2),
        (41771983423143937, 2),
        (0, 0),
        (1 << 22, 1),
        ((1 << 22) - 1, 0),
        (6 << 22, 2),
    ],
)
def test_every_server_belongs_to_one_shard_of_four(guild_id: int, shard: int) -> None:
    holding = [n for n in range(4) if Shards(first=n, last=n, total=4).holds(guild_id)]
    assert holding == [shard]
    assert Shards.all_of(4).holds(guild_id)


@pytest.mark.parametrize(
    ("one", "other", "in_the_way"),
    [
        ("0-1/4", "2-3/4", False),
        ("0-1/4", "1-2/4", True),
        ("0-3/4", "2/4", True),
        ("0-1/4", "0-1/4", True),
        ("0-1/4", "4-5/8", True),  # another total deals the servers out anew
    ],
)
def test_shards_are_in_each_others_way(one: str, other: str, in_the_way: bool) -> None:
    first, second = Shards.parse(one), Shards.parse(other)
    assert first.overlaps(second) is second.overlaps(first) is in_the_way


def test_a_part_says_what_it_lacks() -> None:
    bare = load_settings(env_file=None, data_dir="unused")
    with pytest.raises(SettingsError, match="--shards goes with --role gateway"):
        Part.of(Role.ALL, Shards.all_of(1), bare)
    with pytest.raises(SettingsError, match="set DATABASE_URL"):
        Part.of(Role.GATEWAY, None, bare)
    shared = load_settings(env_file=None, database_url="postgresql://nowhere/highwater")
    with pytest.raises(SettingsError, match="needs DISCORD_TOKEN"):
        Part.of(Role.GATEWAY, None, shared)
