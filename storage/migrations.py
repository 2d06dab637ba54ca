"""Numbered migrations. A schema change is a new function at the end, never an edit above."""

import re

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("highwater")


def _run(db: Database, *statements: str) -> None:
    for statement in statements:
        db.execute(statement)


@MIGRATIONS()
def m001_subscriptions(db: Database) -> None:
    """Standing wishes of channels, and an append-only audit of who changed them."""
    _run(
        db,
        """CREATE TABLE subscriptions (
            id INTEGER PRIMARY KEY,
            guild_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            kinds TEXT NOT NULL,
            universe TEXT,
            symbols TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'blocked')),
            reason TEXT,
            failures INTEGER NOT NULL DEFAULT 0,
            retry_at TEXT,
            created_by INTEGER NOT NULL,
            created_at TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX subscriptions_channel ON subscriptions (channel_id)",
        "CREATE INDEX subscriptions_guild ON subscriptions (guild_id)",
        """CREATE TABLE audit (
            id INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            actor INTEGER,
            guild_id INTEGER,
            action TEXT NOT NULL,
            detail TEXT NOT NULL
        ) STRICT""",
        """CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    )


@MIGRATIONS()
def m002_episodes(db: Database) -> None:
    """The lives of signals, and how far each symbol has been scanned."""
    _run(
        db,
        """CREATE TABLE episodes (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            symbol TEXT NOT NULL,
            direction TEXT NOT NULL,
            state TEXT NOT NULL,
            began TEXT NOT NULL,
            opened_at TEXT NOT NULL,
            level REAL NOT NULL,
            level_session TEXT,
            invalidation REAL NOT NULL,
            price REAL NOT NULL,
            version INTEGER NOT NULL,
            evidence TEXT NOT NULL,
            provisional INTEGER NOT NULL,
            late INTEGER NOT NULL,
            close REAL,
            last_crossed TEXT NOT NULL,
            ended TEXT,
            scale REAL NOT NULL DEFAULT 1
        ) STRICT""",
        "CREATE INDEX episodes_symbol ON episodes (symbol, kind, began)",
        "CREATE INDEX episodes_state ON episodes (state)",
        """CREATE TABLE scans (
            symbol TEXT PRIMARY KEY,
            through TEXT NOT NULL,
            first_at TEXT NOT NULL
        ) STRICT""",
    )


@MIGRATIONS()
def m003_alerts(db: Database) -> None:
    """The outbox: one row per message owed, and one row per attempt to pay it."""
    _run(
        db,
        """CREATE TABLE alerts (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            subscription_id INTEGER NOT NULL,
            episode_id TEXT NOT NULL,
            stage TEXT NOT NULL,
            act TEXT NOT NULL CHECK (act IN ('post', 'edit', 'reply')),
            target TEXT,
            guild_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            facts TEXT NOT NULL,
            state TEXT NOT NULL
                CHECK (state IN ('pending', 'claimed', 'sent', 'expired', 'dropped')),
            reason TEXT,
            attempts INTEGER NOT NULL DEFAULT 0,
            first_attempt_at TEXT,
            lease_until TEXT,
            not_before TEXT NOT NULL,
            expires_at TEXT,
            created_at TEXT NOT NULL,
            market_time TEXT NOT NULL,
            message_id INTEGER,
            sent_at TEXT
        ) STRICT""",
        "CREATE INDEX alerts_due ON alerts (not_before, seq) WHERE state = 'pending'",
        "CREATE INDEX alerts_claimed ON alerts (lease_until) WHERE state = 'claimed'",
        "CREATE INDEX alerts_episode ON alerts (episode_id)",
        "CREATE INDEX alerts_channel ON alerts (channel_id)",
        """CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY,
            alert_id TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            at TEXT NOT NULL,
            outcome TEXT NOT NULL,
            detail TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX deliveries_alert ON deliveries (alert_id)",
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    )


@MIGRATIONS()
def m004_histories(db: Database) -> None:
    """Price histories in two pieces, and the restatements that others must follow."""
    _run(
        db,
        """CREATE TABLE histories (
            id INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            symbol TEXT NOT NULL,
            fetched_at TEXT NOT NULL,
            final_through TEXT,
            body_through TEXT,
            tail BLOB NOT NULL,
            UNIQUE (source, symbol)
        ) STRICT""",
        "CREATE TABLE history_bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT",
        """CREATE TABLE restatements (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            symbol TEXT NOT NULL,
            ratio REAL NOT NULL,
            session TEXT NOT NULL,
            found_at TEXT NOT NULL,
            settled INTEGER NOT NULL DEFAULT 0
        ) STRICT""",
    )


@MIGRATIONS()
def m005_confirmed_sessions(db: Database) -> None:
    """Sessions whose odd prices a second source confirmed: JSON days of each history."""
    _run(db, "ALTER TABLE histories ADD COLUMN confirmed TEXT NOT NULL DEFAULT '[]'")


@MIGRATIONS()
def m006_calls(db: Database) -> None:
    """Commands behind controls that are too long for Discord's custom ids."""
    _run(
        db,
        """CREATE TABLE calls (
            key TEXT PRIMARY KEY,
            text TEXT NOT NULL,
            used_at TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX calls_used ON calls (used_at)",
    )


@MIGRATIONS()
def m007_grades(db: Database) -> None:
    """What became of episodes after 5 and 20 sessions: the bot's own record."""
    _run(
        db,
        "ALTER TABLE episodes ADD COLUMN graded INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE grades (
            episode_id TEXT NOT NULL,
            sessions INTEGER NOT NULL,
            entry_session TEXT NOT NULL,
            entry REAL NOT NULL,
            exit_session TEXT NOT NULL,
            exit REAL NOT NULL,
            change REAL NOT NULL,
            benchmark TEXT NOT NULL,
            benchmark_change REAL,
            best REAL NOT NULL,
            worst REAL NOT NULL,
            PRIMARY KEY (episode_id, sessions)
        ) STRICT""",
    )


@MIGRATIONS()
def m008_headlines(db: Database) -> None:
    """News as it was fetched, which symbols it is about, and what each scorer made of it."""
    _run(
        db,
        """CREATE TABLE headlines (
            number INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            id TEXT NOT NULL,
            time TEXT NOT NULL,
            title TEXT NOT NULL,
            url TEXT NOT NULL,
            publisher TEXT NOT NULL,
            summary TEXT NOT NULL,
            UNIQUE (source, id)
        ) STRICT""",
        "CREATE INDEX headlines_time ON headlines (time)",
        """CREATE TABLE headline_symbols (
            number INTEGER NOT NULL REFERENCES headlines ON DELETE CASCADE,
            symbol TEXT NOT NULL,
            PRIMARY KEY (symbol, number)
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX headline_symbols_number ON headline_symbols (number)",
        """CREATE TABLE headline_scores (
            number INTEGER NOT NULL REFERENCES headlines ON DELETE CASCADE,
            symbol TEXT NOT NULL,
            scorer TEXT NOT NULL,
            score REAL NOT NULL CHECK (score BETWEEN -1 AND 1),
            PRIMARY KEY (number, symbol, scorer)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE news_fetches (
            source TEXT NOT NULL,
            symbol TEXT NOT NULL,
            fetched_at TEXT NOT NULL,
            trouble TEXT NOT NULL,
            PRIMARY KEY (source, symbol)
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS()
def m009_quiet(db: Database) -> None:
    """How channels want to be told, what they do not want to hear, and what quiet did to alerts.

    `rule` of a quieted alert is the rule that decided about it; with `held_until` (market time)
    it waits for a release. `bundle` is the alert whose message shows it, `paid_with` the one
    whose call pays it, `under` the one it is a line of.
    """
    _run(
        db,
        """CREATE TABLE quieted (
            alert_id TEXT PRIMARY KEY,
            channel_id INTEGER NOT NULL,
            rule TEXT,
            held_until TEXT,
            bundle TEXT,
            paid_with TEXT,
            under TEXT,
            form TEXT,
            note TEXT,
            role_id INTEGER
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX quieted_held ON quieted (held_until) WHERE held_until IS NOT NULL",
        "CREATE INDEX quieted_bundle ON quieted (bundle) WHERE bundle IS NOT NULL",
        "CREATE INDEX quieted_paid_with ON quieted (paid_with) WHERE paid_with IS NOT NULL",
        """CREATE TABLE ways (
            subscription_id INTEGER PRIMARY KEY,
            guild_id INTEGER NOT NULL,
            delivery TEXT NOT NULL CHECK (delivery IN ('instant', 'close', 'digest')),
            role_id INTEGER
        ) STRICT""",
        """CREATE TABLE channels (
            channel_id INTEGER PRIMARY KEY,
            guild_id INTEGER NOT NULL,
            zone TEXT,
            quiet TEXT,
            digest TEXT,
            budget INTEGER
        ) STRICT""",
        """CREATE TABLE mutes (
            id INTEGER PRIMARY KEY,
            guild_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            symbol TEXT,
            kind TEXT,
            until TEXT NOT NULL,
            created_by INTEGER NOT NULL,
            created_at TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX mutes_channel ON mutes (channel_id, until)",
    )


@MIGRATIONS()
def m010_outbox(db: Database) -> None:
    """What an alert says is stored once for all its channels; waits know when they were set;
    subscriptions that the program removed can come back."""
    _run(
        db,
        "CREATE TABLE sheets (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID",
        "ALTER TABLE alerts ADD COLUMN sheet TEXT",
        "ALTER TABLE alerts ADD COLUMN waits_since TEXT",
        "DROP INDEX alerts_due",
        "DROP INDEX alerts_channel",
        """CREATE INDEX alerts_waiting ON alerts (guild_id, channel_id, seq)
            WHERE state = 'pending'""",
        "CREATE INDEX alerts_target ON alerts (target) WHERE target IS NOT NULL",
        """CREATE TABLE removed_subscriptions (
            id INTEGER PRIMARY KEY,
            guild_id INTEGER NOT NULL,
            removed_at TEXT NOT NULL,
            row TEXT NOT NULL
        ) STRICT""",
    )


@MIGRATIONS()
def m011_personal_alerts(db: Database) -> None:
    """Users' own alerts. A number is never given twice: the outbox's keys are made of it.

    `change` and `rearm` are fractions, `prices` says whether touches or closes count, `told`
    whether its user knows why it is blocked.
    """
    _run(
        db,
        """CREATE TABLE personal_alerts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL,
            symbol TEXT NOT NULL,
            what TEXT NOT NULL,
            level REAL,
            change REAL,
            reference REAL,
            kind TEXT,
            repeat TEXT NOT NULL CHECK (repeat IN ('once', 'episode', 'again')),
            prices TEXT NOT NULL CHECK (prices IN ('touch', 'close')),
            rearm REAL NOT NULL,
            cooldown_seconds INTEGER NOT NULL,
            expires_at TEXT,
            guild_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            note TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'active'
                CHECK (state IN ('active', 'paused', 'fired', 'expired', 'blocked')),
            reason TEXT,
            told INTEGER NOT NULL DEFAULT 0,
            snoozed_until TEXT,
            memory TEXT,
            fires INTEGER NOT NULL DEFAULT 0,
            fired_at TEXT,
            version INTEGER NOT NULL DEFAULT 1,
            created_at TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX personal_alerts_user ON personal_alerts (user_id)",
        "CREATE INDEX personal_alerts_active ON personal_alerts (symbol) WHERE state = 'active'",
        "CREATE INDEX personal_alerts_symbol ON personal_alerts (symbol)",
    )


@MIGRATIONS()
def m012_collections(db: Database) -> None:
    """Users' own lists and holdings, and for each of them how it stood before the last change.

    `before` is JSON of what an undo puts back. `code` lets others copy a list. Numbers of
    changes are never given twice, so an old button undoes nothing newer.
    """
    _run(
        db,
        """CREATE TABLE watchlists (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL,
            name TEXT NOT NULL COLLATE NOCASE,
            symbols TEXT NOT NULL,
            code TEXT UNIQUE,
            created_at TEXT NOT NULL,
            UNIQUE (user_id, name)
        ) STRICT""",
        """CREATE TABLE holdings (
            user_id INTEGER NOT NULL,
            symbol TEXT NOT NULL,
            shares REAL NOT NULL CHECK (shares > 0),
            cost REAL CHECK (cost >= 0),
            PRIMARY KEY (user_id, symbol)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE changes (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL,
            subject TEXT NOT NULL CHECK (subject IN ('watchlists', 'holdings')),
            what TEXT NOT NULL,
            before TEXT NOT NULL,
            at TEXT NOT NULL,
            UNIQUE (user_id, subject)
        ) STRICT""",
    )


@MIGRATIONS()
def m013_holdings_since(db: Database) -> None:
    """The day from which a holding's shares count: splits after it change them."""
    _run(db, "ALTER TABLE holdings ADD COLUMN since TEXT NOT NULL DEFAULT '9999-12-31'")


@MIGRATIONS()
def m014_told(db: Database) -> None:
    """What a channel was told in the last hour or session is asked at every pass."""
    _run(db, "CREATE INDEX alerts_told ON alerts (channel_id, market_time)")


@MIGRATIONS()
def m015_personal_alerts_made_at(db: Database) -> None:
    """When (market time) a rule's prices were written: a later split rescales them, an earlier
    one does not."""
    _run(
        db,
        """ALTER TABLE personal_alerts
            ADD COLUMN made_at TEXT NOT NULL DEFAULT '2000-01-01T00:00:00.000000+00:00'""",
    )


@MIGRATIONS()
def m016_cheap_checks(db: Database) -> None:
    """SQLite builds a list in a CHECK anew for every row, which cost the outbox 40 % of its
    speed; comparisons say the same."""
    (table,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'alerts'").fetchone()
    indexes = db.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'alerts' AND type = 'index' "
        "AND sql IS NOT NULL"
    ).fetchall()
    acts = " OR ".join(f"act = '{act}'" for act in ("post", "edit", "reply"))
    states = " OR ".join(
        f"state = '{state}'" for state in ("pending", "claimed", "sent", "expired", "dropped")
    )
    table = re.sub(r"CHECK \(act IN \([^)]*\)\)", f"CHECK ({acts})", table)
    table = re.sub(r"CHECK \(state IN \([^)]*\)\)", f"CHECK ({states})", table)
    _run(
        db,
        table.replace("CREATE TABLE alerts", "CREATE TABLE alerts_anew", 1),
        "INSERT INTO alerts_anew SELECT * FROM alerts",
        "DROP TABLE alerts",
        "ALTER TABLE alerts_anew RENAME TO alerts",
        *(sql for (sql,) in indexes),
    )


@MIGRATIONS()
def m016_preferences(db: Database) -> None:
    """Defaults that servers and people chose, and the servers that were welcomed."""
    _run(
        db,
        """CREATE TABLE guild_preferences (
            guild_id INTEGER PRIMARY KEY,
            zone TEXT,
            benchmark TEXT,
            basis TEXT CHECK (basis IN ('price', 'total'))
        ) STRICT""",
        """CREATE TABLE user_preferences (
            user_id INTEGER PRIMARY KEY,
            zone TEXT,
            benchmark TEXT,
            basis TEXT CHECK (basis IN ('price', 'total'))
        ) STRICT""",
        "CREATE TABLE welcomes (guild_id INTEGER PRIMARY KEY, at TEXT NOT NULL) STRICT",
    )


@MIGRATIONS()
def m017_names_of_messages(db: Database) -> None:
    """A message of several alerts keeps its name when the alert that led it is withdrawn:
    `sent_as` is the alert in whose name it may have been sent before."""
    _run(
        db,
        "ALTER TABLE quieted ADD COLUMN sent_as TEXT",
        "CREATE INDEX quieted_sent_as ON quieted (sent_as) WHERE sent_as IS NOT NULL",
    )


@MIGRATIONS()
def m018_recent_alerts(db: Database) -> None:
    """What channels were told lately is asked at every pass."""
    _run(db, "CREATE INDEX alerts_recent ON alerts (market_time)")


@MIGRATIONS()
def m019_universes(db: Database) -> None:
    """Sets of symbols that servers named; who changed them stands in the audit."""
    _run(
        db,
        """CREATE TABLE universes (
            guild_id INTEGER NOT NULL,
            name TEXT NOT NULL,
            symbols TEXT NOT NULL,
            created_at TEXT NOT NULL,
            PRIMARY KEY (guild_id, name)
        ) STRICT, WITHOUT ROWID""",
    )


@MIGRATIONS()
def m020_bulletins(db: Database) -> None:
    """What channels and people want to be sent at set times."""
    _run(
        db,
        """CREATE TABLE bulletins (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('scorecard', 'watchlist')),
            user_id INTEGER NOT NULL,
            guild_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            list_id INTEGER NOT NULL,
            times TEXT NOT NULL,
            next_at TEXT NOT NULL,
            created_at TEXT NOT NULL,
            UNIQUE (kind, user_id, channel_id, list_id)
        ) STRICT""",
        "CREATE INDEX bulletins_due ON bulletins (next_at)",
        "CREATE INDEX bulletins_channel ON bulletins (channel_id)",
    )


@MIGRATIONS()
def m021_briefs(db: Database) -> None:
    """Subscriptions whose alerts bring a brief along."""
    _run(db, "ALTER TABLE ways ADD COLUMN brief INTEGER NOT NULL DEFAULT 0")


@MIGRATIONS()
def m029_notation(db: Database) -> None:
    """How people and servers write numbers."""
    for table in ("guild_preferences", "user_preferences"):
        _run(
            db,
            f"""ALTER TABLE {table} ADD COLUMN numbers TEXT
                CHECK (numbers IN ('point', 'comma', 'space'))""",
        )


@MIGRATIONS()
def m030_claimants(db: Database) -> None:
    """Who claimed an alert, where several processes send."""
    _run(
        db,
        "ALTER TABLE alerts ADD COLUMN claimant TEXT",
        "DROP INDEX alerts_claimed",
        "CREATE INDEX alerts_claimed ON alerts (channel_id) WHERE state = 'claimed'",
    )


@MIGRATIONS()
def m031_feeds(db: Database) -> None:
    """Channels whose alerts are published to all who follow them, and what of it is due."""
    _run(
        db,
        "ALTER TABLE channels ADD COLUMN feed INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE publications (
            number INTEGER PRIMARY KEY,
            alert_id TEXT NOT NULL UNIQUE,
            guild_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            message_id INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('pending', 'published', 'missed')),
            reason TEXT NOT NULL DEFAULT '',
            until TEXT NOT NULL,
            not_before TEXT NOT NULL,
            waits_since TEXT NOT NULL,
            tried_at TEXT,
            attempts INTEGER NOT NULL DEFAULT 0
        ) STRICT""",
        "CREATE INDEX publications_due ON publications (channel_id) WHERE state = 'pending'",
        "CREATE INDEX publications_tried ON publications (channel_id, tried_at)",
    )


@MIGRATIONS()
def m032_recent_alone(db: Database) -> None:
    """What channels were told is asked once a pass for all of them: the index of what is recent
    serves it as well, and an index less makes the outbox a fifth faster to write."""
    _run(db, "DROP INDEX alerts_told")


@MIGRATIONS()
def m033_standings(db: Database) -> None:
    """Where each watched symbol stood at its last close: ranks and breadth are made of these."""
    _run(
        db,
        """CREATE TABLE standings (
            symbol TEXT PRIMARY KEY,
            session TEXT NOT NULL,
            score REAL,
            listed INTEGER NOT NULL,
            new_high INTEGER NOT NULL,
            new_low INTEGER NOT NULL,
            above_50 INTEGER
        ) STRICT, WITHOUT ROWID""",
    )


NAMES = frozenset(
    migration.name for migration in MIGRATIONS.pending(Database(memory=True, execute_plugins=False))
)
"""The migrations this program knows; a file with others was written by a newer one."""
