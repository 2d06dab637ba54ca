"""A person and a server leave no trace: every cell of every table is looked at."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import (
    alerts,
    bulletins,
    changes,
    channels,
    facts,
    people,
    personal,
    portfolios,
    preferences,
    subscriptions,
    universes,
    watchlists,
)
from storage.connection import Connection, is_sqlite
from storage.personal import DIRECT, PersonalRule
from storage.postgres.engine import PostgresEngine
from storage.sqlite import SqliteEngine

ANN, BOB = 700_000_000_000_000_001, 700_000_000_000_000_002
HERE, THERE = 800_000_000_000_000_001, 800_000_000_000_000_002
NOW = datetime(2026, 4, 17, 20, tzinfo=UTC)
A_PERSON = re.compile(r"user_id|actor|owner_id|author_id|.*_by")


@pytest.fixture
def connection(where: Path | str) -> Iterator[Connection]:
    opened = SqliteEngine.open(where) if isinstance(where, Path) else PostgresEngine.open(where)
    with opened.transaction() as connection:
        for user, guild in ((ANN, HERE), (BOB, THERE)):
            fill(connection, user, guild)
        yield connection
    opened.close()


def rule(guild: int, channel: int) -> PersonalRule:
    return PersonalRule(
        symbol="IVOO",
        what="above",
        level=120.0,
        change=None,
        reference=None,
        kind=None,
        repeat="once",
        prices="touch",
        rearm=0.005,
        cooldown_seconds=0,
        expires_at=None,
        guild_id=guild,
        channel_id=channel,
        note="sell half",
    )


def fill(connection: Connection, user: int, guild: int) -> None:
    """A row in every table that people or servers stand in."""
    channel = guild + 10
    made = [
        subscriptions.add(
            connection,
            guild_id=guild,
            channel_id=place,
            kinds=["high_52w"],
            universe="sectors",
            symbols=[],
            created_by=user,
            at=NOW,
        )
        for place in (channel, channel + 10)
    ]
    facts.audit(connection, "subscribe", "sectors", at=NOW, actor=user, guild_id=guild)
    channels.set_channel(connection, channels.ChannelRecord(channel_id=channel, guild_id=guild))
    way = channels.WayRecord(subscription_id=made[0].id, guild_id=guild, delivery="close")
    channels.set_way(connection, way)
    mute = channels.NewMute(
        guild_id=guild, channel_id=channel, symbol="SPY", kind=None, until=NOW, created_by=user
    )
    channels.add_mute(connection, mute, at=NOW)
    watchlists.add(connection, user_id=user, name="main", symbols=["SPY"], at=NOW)
    held = {"symbol": "SPY", "shares": 3.0, "cost": None, "since": "2026-04-17"}
    portfolios.replace_all(connection, user, [held])
    for subject in ("watchlists", "holdings"):
        changes.remember(connection, user, subject, what="x", before=[{"user": user}], at=NOW)
    liked = preferences.PreferenceRecord(zone="Europe/Berlin")
    preferences.set_user(connection, user, liked)
    preferences.set_guild(connection, guild, liked)
    preferences.meet(connection, guild, at=NOW)
    universes.add(connection, guild_id=guild, name="mine", symbols=["SPY"], at=NOW)
    for kind, owner, server, channel in (
        ("watchlist", user, DIRECT, user),
        ("scorecard", 0, guild, guild + 10),
    ):
        wish = bulletins.NewBulletin(
            kind=kind,
            user_id=owner,
            guild_id=server,
            channel_id=channel,
            next_at=NOW,
            created_at=NOW,
        )
        bulletins.put(connection, wish)
    owed = [(f"post {guild}", guild, channel, "episode", "opened", {"guild": guild})]
    for direct in (True, False):
        where = (DIRECT, 0) if direct else (guild, channel)
        record = personal.add(connection, rule(*where), user_id=user, at=NOW, made_at=NOW)
        place = (DIRECT, user) if direct else (guild, channel)
        about = personal.about(record.id)
        owed.append((f"own {record.id}", *place, about, "personal", {"user_id": user}))
    gone = personal.add(connection, rule(DIRECT, 0), user_id=user, at=NOW, made_at=NOW)
    personal.remove(connection, gone.id)  # what it told before is still in the outbox
    about = personal.about(gone.id)
    owed.append((f"old {user}", guild, channel, about, "personal", {"user_id": user}))
    alerts.enqueue(connection, [message(*each, made[0].id) for each in owed])
    for alert_id, place, *_ in owed:
        connection.execute(
            "INSERT INTO quieted (alert_id, channel_id) VALUES (?, ?)", (alert_id, place + 10)
        )
        connection.execute(
            """INSERT INTO deliveries (alert_id, attempt, at, outcome, detail)
            VALUES (?, 1, ?, 'sent', '')""",
            (alert_id, NOW.isoformat()),
        )
    subscriptions.remove_channel(connection, channel + 10, at=NOW)


def message(
    alert_id: str,
    guild: int,
    channel: int,
    about: str,
    stage: str,
    body: dict[str, int],
    subscription: int,
) -> alerts.NewAlert:
    return alerts.NewAlert(
        id=alert_id,
        subscription_id=subscription if stage == "opened" else 0,
        episode_id=about,
        stage=stage,
        act="post",
        target=None,
        guild_id=guild,
        channel_id=channel,
        facts=body,
        created_at=NOW,
        market_time=NOW,
    )


def tables_naming(connection: Connection, number: int) -> set[str]:
    """Every table with the number anywhere in a row, as a value or inside a text."""
    found = set()
    for name in {table for table, _ in columns(connection)}:
        for row in connection.execute(f"SELECT * FROM {name}"):
            if any(str(number) in str(cell) for cell in row):
                found.add(name)
    return found


def columns(connection: Connection) -> set[tuple[str, str]]:
    """Every table and column there is."""
    catalog = (
        """SELECT m.name, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
        WHERE m.type = 'table'"""
        if is_sqlite(connection)
        else """SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public'"""
    )
    return {(table, column) for table, column in connection.execute(catalog)}


def test_every_column_that_holds_a_person_is_known(connection: Connection) -> None:
    known = set(people.OWNED.items()) | set(people.NAMED.items())
    named = {pair for pair in columns(connection) if A_PERSON.fullmatch(pair[1])}
    assert named == known


def test_before_forgetting_the_person_stands_in_all_those_tables(
    connection: Connection,
) -> None:
    there = {*people.OWNED, *people.NAMED, "alerts", "sheets", "removed_subscriptions"}
    there |= {"deliveries", "quieted"}  # by the id of a message
    assert tables_naming(connection, ANN) == there


def test_nothing_of_a_forgotten_person_is_left_and_nothing_of_others_is_lost(
    connection: Connection,
) -> None:
    bob = people.stored_about(connection, BOB)
    people.forget_user(connection, ANN)
    assert tables_naming(connection, ANN) == set()
    assert people.stored_about(connection, ANN) == {}
    assert people.stored_about(connection, BOB) == bob
    assert not connection.execute(
        "SELECT 1 FROM alerts WHERE id LIKE ?", (f"old {ANN}",)
    ).fetchall()
    orphans = "SELECT 1 FROM deliveries WHERE alert_id NOT IN (SELECT id FROM alerts)"
    assert not connection.execute(orphans).fetchall()


def test_the_server_keeps_its_subscription_and_its_audit_without_the_name(
    connection: Connection,
) -> None:
    people.forget_user(connection, ANN)
    (kept,) = subscriptions.in_guild(connection, HERE)
    assert (kept.universe, kept.created_by) == ("sectors", 0)
    query = "SELECT actor, action, detail FROM audit WHERE guild_id = ?"
    assert connection.execute(query, (HERE,)).fetchall() == [(None, "subscribe", "sectors")]


def test_what_is_handed_out_is_all_that_is_stored(connection: Connection) -> None:
    found = people.stored_about(connection, ANN)
    assert set(found) == {*people.OWNED, *people.NAMED, "messages", "removed_subscriptions"}
    assert [row["symbols"] for row in found["watchlists"]] == ['["SPY"]']
    assert len(found["messages"]) == 3
    assert str(BOB) not in str(found)


def test_no_row_of_any_table_names_a_server_that_removed_the_bot(
    connection: Connection,
) -> None:
    assert len(tables_naming(connection, HERE)) > 5
    subscriptions.forget_guild(connection, HERE)
    personal.leave_guild(connection, HERE, reason="gone")
    people.leave_guild(connection, HERE)
    assert tables_naming(connection, HERE) == set()
    assert tables_naming(connection, HERE + 10) == set()
    mine = personal.of_user(connection, ANN)
    assert sorted((one.state, one.rule.guild_id) for one in mine) == [("active", 0), ("blocked", 0)]
    assert len(tables_naming(connection, THERE)) > 5
