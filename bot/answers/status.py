"""`/status` and `/help`: how the bot is doing, and what it can do."""

from collections.abc import Sequence

from bot.alerts.levels import Progress
from bot.alerts.pulse import DeliveryPulse
from bot.answers.model import Answer
from bot.answers.parts import Parts, parts
from bot.cards.format import day_text, escape, plural, sentence, timestamp
from bot.cards.model import Card, Field, Tone
from bot.errors import UserError
from bot.market.state import MarketStatus
from bot.services import Services
from storage import alerts, quieted

HELP = (
    ("First steps in a server", "`/setup` picks a channel, checks my rights, shows a test alert"),
    ("Is it at a high?", "`/high IVOO` · `/high SPY basis:total on:close`"),
    ("Show me a chart", "`/chart QQQ range:1y` · `/chart IWM interval:weekly overlays:20 50`"),
    ("Who leads since then?", "`/compare SPY QQQ IWM MDY since:2023-10-27`"),
    (
        "Who is strong, who turns?",
        "`/rs IWM` · `/rotation sectors` · `/rotation XLK XLF against:RSP`",
    ),
    ("How is the market?", "`/breadth` · `/breadth sectors` · `/mood` · `/sectors SPY QQQ IWM`"),
    ("What is about to break out?", "`/setups IWM` · `/setups us-etfs kind:tight_flag`"),
    ("What do the news say?", "`/sentiment IWM` · `/brief IWM`"),
    ("Do such highs lead anywhere?", "`/record` · `/record symbol:IWM period:max`"),
    ("What became of your alerts?", "`/scorecard show` · `/scorecard on`, every week"),
    ("Tell this channel about new highs", "`/subscribe sectors` · `/subscribe SPY QQQ IWM`"),
    (
        "Sets of symbols of your own",
        "`/universe create tech-leaders symbols:AAPL MSFT NVDA` · `/universe list` · "
        "`/subscribe tech-leaders`",
    ),
    ("What does this server receive?", "`/subscriptions list` · `test` · `pause` · `remove`"),
    (
        "Too loud, or at the wrong time?",
        "`/mute add SPY until:2d` · `/quiet set 22:00-07:00 zone:Europe/Berlin` · "
        "`/digest set 09:00 close` · `/subscriptions edit 1 digest`",
    ),
    (
        "Pass alerts on to other servers",
        "`/feed on` in an announcement channel that is subscribed: whoever follows it gets them",
    ),
    ("Why was this alert sent?", "`/why #k3f9ab`, with the id from the alert’s footer"),
    ("Tell me alone", "`/alert add symbol:IVOO when:above 120` · `/alert list`"),
    (
        "What about the symbols I follow?",
        "`/watchlist add symbols:IVOO SPY` · `/watchlist show` · `/watchlist digest`",
    ),
    (
        "What about what I hold?",
        "`/portfolio set holdings:IVOO 10 @ 95.20, SPY 5` · `/portfolio show` · `/portfolio risk`",
    ),
    ("Your own defaults", "`/settings me basis:total` · `/settings server zone:Europe/Berlin`"),
    ("What do you know of me?", "`/my-data` · `/forget-me`"),
    ("Is the bot well?", "`/status`"),
)


async def help_on(topic: str, *, names: Sequence[str]) -> Answer:
    """Help by task, with examples; `topic` is a command or a word of a task.

    `names` are all commands. Raises UserError for a topic that nothing is about.
    """
    word = topic.strip().removeprefix("/").lower()
    tasks = [(task, examples) for task, examples in HELP if word in f"{task} {examples}".lower()]
    mine = [name for name in names if word and name.split()[0] == word.split()[0]]
    if not tasks and not mine:
        first = dict.fromkeys(f"`/{name.split()[0]}`" for name in names)
        raise UserError(f"There is no help about that. Ask about one of {', '.join(first)}.")
    if mine:
        verdict = f"Commands: {', '.join(f'`/{name}`' for name in mine)}."
    elif word:
        verdict = f"{plural(len(tasks), 'task')} with “{escape(word)}”:"
    else:
        verdict = "Market signals that say what they compare with. Try one of these:"
    card = Card(
        title=f"Highwater · /{mine[0].split()[0]}" if mine else "Highwater",
        verdict=verdict,
        fields=tuple(Field(name=task, value=examples, inline=False) for task, examples in tasks),
        body="-# In a message’s menu, under Apps: Tickers in this message." if not word else "",
        footer="Highwater informs; it never advises to buy or sell.",
    )
    numbers = {"command": "help", "topic": word, "tasks": [task for task, _ in tasks]}
    return Answer(card=card, numbers=numbers, private=True)


async def status(services: Services) -> Answer:
    """The last scan, the symbols, the outbox and who pays it, the source, the next session."""
    progress = services.progress
    counts = await services.db.read(alerts.counts)
    now = services.now()
    running = services.sessions.open_session(now)
    held = await services.db.read(quieted.held)
    waiting = max(0, counts.get("pending", 0) + counts.get("claimed", 0) - held)
    pulse = services.delivery
    others = await services.db.read(parts) if services.is_part else None
    market = (
        f"open, session of {day_text(running)}"
        if running
        else f"closed, opens {timestamp(services.sessions.next_open(now), 'R')}"
    )
    data = services.market.status()
    lost = {
        **{symbol: f"stale: {text}" for symbol, text in services.market.troubles().items()},
        **{symbol: f"held: {found.text}" for symbol, found in services.market.held().items()},
        **progress.unavailable,
    }
    idle = [] if others is None else others.troubles
    troubled = bool(lost) or bool(idle) or bool(pulse.halted) or pulse.stuck_since is not None
    reasons = [*idle, *(f"{symbol}: {reason}" for symbol, reason in list(lost.items())[:10])]
    card = Card(
        title="Status",
        verdict=_verdict(len(lost), others),
        tone=Tone.WATCH if troubled else Tone.GOOD,
        body="\n".join(f"-# {reason}" for reason in reasons),
        fields=(
            Field(name="Market", value=market),
            *(() if others else _scanned(progress)),
            Field(name="Alerts waiting", value=str(waiting)),
            Field(name="Alerts held", value=str(held)),
            Field(name="Alerts sent", value=str(counts.get("sent", 0))),
            *(others.fields() if others else (Field(name="Delivery", value=_delivery(pulse)),)),
            Field(name="Source", value=_source(data)),
            Field(name="Last refresh", value=_refreshed(data)),
            Field(name="Data", value=_data(data, services)),
        ),
    )
    numbers = {
        "command": "status",
        "now": now.isoformat(),
        "open_session": None if running is None else running.isoformat(),
        "last_session": None
        if progress.last_session is None
        else progress.last_session.isoformat(),
        "symbols": None if others else progress.symbols,
        "unavailable": {str(symbol): reason for symbol, reason in lost.items()},
        "alerts": counts,
        "alerts_waiting": waiting,
        "alerts_held": held,
        "delivery": {
            "last_paid": None if pulse.last_paid is None else pulse.last_paid.isoformat(),
            "halted": pulse.halted,
            "stuck_since": None if pulse.stuck_since is None else pulse.stuck_since.isoformat(),
        },
        "running": None if others is None else dict(others.running),
        "source": services.market.source.name,
        "refreshed_at": None if data.refreshed_at is None else data.refreshed_at.isoformat(),
        "paused_seconds": data.paused,
        "requests_left": data.requests_left,
        "held": {str(symbol): found.text for symbol, found in services.market.held().items()},
        "stale": {str(symbol): text for symbol, text in services.market.troubles().items()},
    }
    return Answer(card=card, numbers=numbers, private=True)


def _verdict(lost: int, others: Parts | None) -> str:
    if lost:
        return f"{plural(lost, 'symbol')} without usable data."
    return "All watched symbols have data." if others is None else others.verdict


def _scanned(progress: Progress) -> tuple[Field, ...]:
    last = progress.last_session
    return (
        Field(name="Last close scanned", value="not yet" if last is None else day_text(last)),
        Field(name="Symbols watched", value=str(progress.symbols)),
    )


def _delivery(pulse: DeliveryPulse) -> str:
    """Halted: why. No progress since 5 minutes ago. Last message 2 minutes ago."""
    last = "nothing sent yet"
    if pulse.last_paid is not None:
        last = f"last message {timestamp(pulse.last_paid, 'R')}"
    if pulse.stuck_since is not None:
        return f"a send makes no progress since {timestamp(pulse.stuck_since, 'R')}; {last}"
    return f"halted: {pulse.halted} {sentence(last)}" if pulse.halted else last


def _source(data: MarketStatus) -> str:
    """Yahoo, ready, 1,480 requests left this hour."""
    parts = [data.source]
    if data.suspended is not None:
        parts.append("incomplete, alerts suspended")
    elif data.paused:
        parts.append(f"pausing for {data.paused:.0f} s")
    elif data.trouble:
        parts.append(data.trouble)
    if data.requests_left is not None:
        parts.append(f"{data.requests_left:,} requests left this hour")
    return ", ".join(parts)


def _refreshed(data: MarketStatus) -> str:
    return "not yet" if data.refreshed_at is None else timestamp(data.refreshed_at, "R")


def _data(data: MarketStatus, services: Services) -> str:
    """Every symbol seen so far: 118 ok, 1 stale, 2 held."""
    held = services.market.held().keys()
    stale = services.market.troubles().keys() - held
    return f"{data.symbols - len(held) - len(stale)} ok, {len(stale)} stale, {len(held)} held"
