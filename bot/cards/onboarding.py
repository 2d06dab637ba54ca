"""The cards of `/setup`, the welcome and the test post. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.alerts.subscriptions import describe
from bot.cards.format import joined, plural
from bot.cards.model import Card, Field, Tone
from storage.subscriptions import SubscriptionRecord

PURPOSES: Mapping[str, str] = {
    "View Channel": "to see the channel at all",
    "Send Messages": "to post alerts",
    "Embed Links": "to show them as cards",
    "Attach Files": "to add their charts",
    "Read Message History": "to follow up on what I posted",
}
"""What the bot needs in a channel, in the words of Discord’s own settings, and why."""
TEST = "Test · "
"""What the title of every test post begins with."""


@dataclass(frozen=True, kw_only=True)
class FormView:
    """`receives` is what the channel is subscribed to already; `hidden` counts channels that
    found no room in the menu."""

    channel_id: int
    lacks: tuple[str, ...]
    receives: Sequence[SubscriptionRecord]
    zone: str
    hidden: int = 0


@dataclass(frozen=True, kw_only=True)
class DoneView:
    """`made` is False when the channel had this subscription before."""

    record: SubscriptionRecord
    made: bool
    symbols: int
    quiet: str | None
    zone: str
    link: str


def form_card(view: FormView) -> Card:
    """The choices, what I may do in the channel, and what Start will do."""
    place = f"<#{view.channel_id}>"
    return Card(
        title="Set up Highwater",
        verdict=_blocked(view) if view.lacks else f"{place} is ready. Choose, then press Start.",
        tone=Tone.WATCH if view.lacks else Tone.NEUTRAL,
        fields=(
            Field(name="What I may do in this channel", value=_checks(view.lacks), inline=False),
            *_mending(view),
            *_receives(view),
        ),
        body=(
            ""
            if view.lacks
            else f"Start posts one test alert to {place}, marked as a test, and subscribes the "
            "channel. Nothing else is posted until something really happens."
        )
        + _hidden(view.hidden),
        footer=f"Quiet hours by the clock of {view.zone}; /settings server changes it.",
    )


def _blocked(view: FormView) -> str:
    count = plural(len(view.lacks), "permission")
    verb = "is" if len(view.lacks) == 1 else "are"
    return f"I cannot post in <#{view.channel_id}> yet: {count} {verb} missing."


def _checks(lacks: Sequence[str]) -> str:
    return "\n".join(
        f"✕ **{name}** is missing: I need it {why}" if name in lacks else f"✓ {name}"
        for name, why in PURPOSES.items()
    )


def _mending(view: FormView) -> tuple[Field, ...]:
    if not view.lacks:
        return ()
    steps = (
        f"Edit Channel → Permissions → add my role → allow {joined(list(view.lacks))}. "
        "Then press Check again, or pick another channel."
    )
    return (Field(name="How to fix it", value=steps, inline=False),)


def _receives(view: FormView) -> tuple[Field, ...]:
    if not view.receives:
        return ()
    lines = [f"`#{one.id}` {describe(one)}" for one in view.receives[:5]]
    more = len(view.receives) - len(lines)
    text = "\n".join([*lines, f"and {more} more"] if more else lines)
    return (Field(name="It already receives", value=text[:1024], inline=False),)


def _hidden(count: int) -> str:
    if not count:
        return ""
    return f"\n-# {plural(count, 'channel')} not in the menu: `/setup channel:` takes any."


def done_card(view: DoneView) -> Card:
    """What was set up, where the test post stands, what to try next."""
    record = view.record
    quiet = f"{view.quiet} ({view.zone}): held, then one digest" if view.quiet else "none"
    made = "receives" if view.made else "already received, and still receives,"
    return Card(
        title="Highwater is set up",
        verdict=f"<#{record.channel_id}> {made} {describe(record)}.",
        tone=Tone.GOOD,
        body=(
            f"[The test post]({view.link}) shows what an alert looks like. The first scan only "
            "learns where the symbols stand: what happened before is not posted."
        ),
        fields=(
            Field(name="Subscription", value=f"#{record.id}, {plural(view.symbols, 'symbol')}"),
            Field(name="Quiet hours", value=quiet),
            Field(
                name="Next",
                value="`/high SPY` looks something up · `/subscribe` adds more · "
                "`/settings server` sets defaults · `/help` shows the rest",
                inline=False,
            ),
        ),
    )


def plain_test_card() -> Card:
    """The test post where the last year has no case to show."""
    return Card(
        title=f"{TEST}Highwater can post here",
        verdict="Alerts will appear in this channel, each with its chart and its reason.",
        body="-# A test: none of the chosen symbols had such a signal in the last year.",
    )


def welcome_card() -> Card:
    """The first words in a server: what to do first."""
    return Card(
        title="Hello, I am Highwater",
        verdict="I look up highs, find setups and post breakout alerts. Nothing is posted until "
        "somebody asks for it.",
        fields=(
            Field(
                name="First",
                value="`/setup` picks a channel, checks my permissions and shows a test alert "
                "(needs Manage Channels)",
                inline=False,
            ),
            Field(
                name="Or just ask",
                value="`/high SPY` · `/compare SPY QQQ IWM` · `/setups sectors` · `/help`",
                inline=False,
            ),
        ),
        footer="Highwater informs; it never advises to buy or sell.",
    )
