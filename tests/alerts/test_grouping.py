"""Which alerts share a message, wait or are dropped: the rules alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.alerts.facts import Stage
from bot.alerts.quiet.grouping import Plan, View, Way, arrange
from bot.alerts.quiet.lines import circle_of
from bot.alerts.quiet.rules import Channel, Delivery, Mute, Rule
from bot.alerts.schedule import parse_quiet
from bot.market.model import Symbol
from bot.market.sessions import Sessions
from bot.signals.model import Kind
from storage.alerts import AlertRecord, NewAlert
from storage.quieted import Quieted, QuietedRecord

NOW = datetime(2023, 11, 24, 15, 0, tzinfo=UTC)
CHANNEL = Channel(zone=ZoneInfo("America/New_York"))
BY_NAME, BY_UNIVERSE, OTHER = 1, 2, 3


def alert(
    symbol: str,
    *,
    subscription: int = BY_UNIVERSE,
    kind: Kind = Kind.HIGH_52_WEEKS,
    stage: Stage = Stage.OPENED,
    state: str = "open",
    act: str = "post",
) -> NewAlert:
    opening = f"{symbol}-{subscription}-{kind}"
    return NewAlert(
        id=opening if stage is Stage.OPENED else f"{opening}-{stage}",
        subscription_id=subscription,
        episode_id=f"{symbol}-{kind}",
        stage=stage,
        act=act,
        target=None if act == "post" else opening,
        guild_id=1,
        channel_id=10,
        facts={"symbol": symbol, "kind": kind.value, "session": "2023-11-24", "state": state},
        created_at=NOW,
        market_time=NOW,
    )


def reply(symbol: str) -> NewAlert:
    return alert(symbol, stage=Stage.ENDED, state="held", act="reply")


def edit(symbol: str) -> NewAlert:
    return alert(symbol, stage=Stage.CLOSED, state="confirmed", act="edit")


def stored(owed: NewAlert, quieted: QuietedRecord | None = None, state: str = "sent") -> Quieted:
    values = {name: getattr(owed, name) for name in NewAlert.__dataclass_fields__}
    record = AlertRecord(
        **values,
        state=state,
        reason=None,
        attempts=1,
        first_attempt_at=NOW,
        not_before=NOW,
        message_id=1,
        sent_at=NOW,
    )
    return Quieted(alert=record, quieted=quieted)


def view(
    *,
    channel: Channel = CHANNEL,
    earlier: Sequence[Quieted] = (),
    ways: dict[int, Way] | None = None,
) -> View:
    return View(
        now=NOW,
        sessions=Sessions.load(),
        circle=circle_of(Symbol("SPY")),
        channels={10: channel},
        ways={BY_NAME: Way(named=True), **(ways or {})},
        openings={one.alert.id: one for one in earlier},
        earlier={10: earlier},
    )


def told(plans: Sequence[Plan]) -> dict[str, tuple[str | None, str | None, str | None]]:
    """By alert: the rule, what pays it, and what it is a line of."""
    found = {}
    for plan in plans:
        q = plan.quieted
        found[plan.alert.id] = (None,) * 3 if q is None else (q.rule, q.paid_with, q.under)
    return found  # type: ignore[return-value]


def a(symbol: str, subscription: int = BY_UNIVERSE) -> str:
    return f"{symbol}-{subscription}-high_52w"


def test_an_alert_alone_is_left_alone() -> None:
    assert told(arrange([alert("IWM")], view())) == {a("IWM"): (None, None, None)}


def test_alerts_of_one_pass_share_one_message_and_stay_rows_of_their_own() -> None:
    plans = arrange([alert("IWM"), alert("GLD"), alert("TLT")], view())
    assert told(plans) == {
        a("IWM"): (Rule.GROUPED, None, None),
        a("GLD"): (Rule.GROUPED, a("IWM"), None),
        a("TLT"): (Rule.GROUPED, a("IWM"), None),
    }
    assert {p.quieted.form for p in plans if p.quieted} == {"embeds"}
    assert {p.quieted.bundle for p in plans if p.quieted} == {a("IWM")}


def test_ten_are_embeds_and_eleven_are_a_summary() -> None:
    symbols = [f"S{i}" for i in range(11)]
    ten = arrange([alert(symbol) for symbol in symbols[:10]], view())
    eleven = arrange([alert(symbol) for symbol in symbols], view())
    assert {p.quieted.form for p in ten if p.quieted} == {"embeds"}
    assert {(p.quieted.form, p.quieted.rule) for p in eleven if p.quieted} == {("list", Rule.STORM)}


def test_clones_are_lines_of_the_one_that_trades_most() -> None:
    plans = arrange([alert("IVV"), alert("SPY"), alert("VOO")], view())
    assert told(plans) == {
        a("SPY"): (None, None, None),
        a("IVV"): (Rule.CLONE, a("SPY"), a("SPY")),
        a("VOO"): (Rule.CLONE, a("SPY"), a("SPY")),
    }


def test_clones_of_another_kind_are_not_collapsed() -> None:
    plans = arrange([alert("SPY"), alert("VOO", kind=Kind.LOW_52_WEEKS)], view())
    assert [plan.quieted.under for plan in plans if plan.quieted] == [None, None]


def test_a_clone_that_follows_later_is_an_edit_of_the_message_that_speaks_for_it() -> None:
    plans = arrange([alert("VOO")], view(earlier=[stored(alert("SPY"))]))
    assert (plans[0].alert.act, plans[0].alert.target) == ("edit", a("SPY"))
    assert plans[0].quieted is not None
    assert (plans[0].quieted.bundle, plans[0].quieted.under) == (a("SPY"), a("SPY"))


def test_a_clone_does_not_join_a_message_that_is_still_held() -> None:
    held = QuietedRecord(alert_id=a("SPY"), channel_id=10, held_until=NOW + timedelta(hours=1))
    plans = arrange([alert("VOO")], view(earlier=[stored(alert("SPY"), held, "pending")]))
    assert plans[0].alert.act == "post"


def test_a_sector_is_a_line_of_the_benchmarks_alert_of_the_same_kind() -> None:
    plans = arrange([alert("XLK"), alert("SPY"), alert("VOO"), alert("IWM")], view())
    under = {
        p.alert.facts["symbol"]: p.quieted.rule for p in plans if p.quieted and p.quieted.under
    }
    assert under == {"XLK": Rule.MARKET, "VOO": Rule.CLONE}


def test_a_sector_that_its_subscription_names_keeps_its_own_embed() -> None:
    plans = arrange([alert("SPY"), alert("XLK", subscription=BY_NAME)], view())
    assert [plan.quieted.under for plan in plans if plan.quieted] == [None, None]


def test_a_sector_without_the_benchmarks_alert_stands_for_itself() -> None:
    assert told(arrange([alert("XLK")], view())) == {a("XLK"): (None, None, None)}


def test_two_subscriptions_that_want_the_same_get_it_once() -> None:
    plans = arrange([alert("IWM"), alert("IWM", subscription=OTHER)], view())
    assert told(plans)[a("IWM", OTHER)] == (Rule.TWIN, a("IWM"), a("IWM"))


def test_edits_of_one_message_are_one_edit() -> None:
    both = [
        stored(alert(s), QuietedRecord(alert_id=a(s), channel_id=10, bundle=a("IWM")))
        for s in ("IWM", "GLD")
    ]
    plans = arrange([edit("IWM"), edit("GLD"), edit("TLT")], view(earlier=both))
    assert [plan.quieted and plan.quieted.paid_with for plan in plans] == [
        None,
        edit("IWM").id,
        None,
    ]


def test_a_mute_drops_posts_and_replies_and_lets_edits_pass() -> None:
    mute = Mute(symbol=Symbol("IWM"), kind=None, until=NOW + timedelta(hours=1))
    channel = replace(CHANNEL, mutes=(mute,))
    plans = arrange([alert("IWM"), alert("GLD"), reply("IWM"), edit("IWM")], view(channel=channel))
    assert [bool(plan.dropped) for plan in plans] == [True, False, True, False]
    assert plans[0].quieted is not None
    assert plans[0].quieted.rule is Rule.MUTED
    assert plans[0].dropped == "muted in this channel until 2023-11-24 11:00"


def test_a_mute_of_a_kind_or_of_everything_covers_what_it_says() -> None:
    highs = Mute(symbol=None, kind=Kind.HIGH_52_WEEKS, until=NOW + timedelta(hours=1))
    everything = Mute(symbol=None, kind=None, until=NOW + timedelta(hours=1))
    ended = Mute(symbol=None, kind=None, until=NOW)
    low = alert("IWM", kind=Kind.LOW_52_WEEKS)
    for mute, dropped in ((highs, [True, False]), (everything, [True, True]), (ended, [False] * 2)):
        plans = arrange([alert("IWM"), low], view(channel=replace(CHANNEL, mutes=(mute,))))
        assert [bool(plan.dropped) for plan in plans] == dropped


def test_a_follow_up_of_a_message_that_was_not_shown_is_dropped_at_once() -> None:
    plans = arrange([edit("IWM")], view(earlier=[stored(alert("IWM"), state="dropped")]))
    assert plans[0].quieted is not None
    assert plans[0].quieted.rule is Rule.UNSEEN
    assert plans[0].dropped


def test_quiet_hours_hold_what_makes_a_sound() -> None:
    channel = replace(CHANNEL, quiet=parse_quiet("09:00-12:00"))  # now is 10:00 in New York
    plans = arrange([alert("IWM"), reply("GLD"), edit("TLT")], view(channel=channel))
    held = [plan.quieted and plan.quieted.held_until for plan in plans]
    noon = datetime(2023, 11, 24, 17, 0, tzinfo=UTC)
    assert held == [noon, noon, None]


def test_a_hold_that_ends_inside_quiet_hours_lasts_until_they_end() -> None:
    channel = replace(CHANNEL, quiet=parse_quiet("13:00-20:00"))
    ways = {BY_UNIVERSE: Way(delivery=Delivery.CLOSE)}
    plans = arrange([alert("IWM")], view(channel=channel, ways=ways))
    assert plans[0].quieted is not None
    assert plans[0].quieted.rule is Rule.CLOSE
    # The early close settles at 13:20 in New York, which is inside the quiet hours.
    assert plans[0].quieted.held_until == datetime(2023, 11, 25, 1, 0, tzinfo=UTC)


def test_delivery_at_the_close_knows_early_closes() -> None:
    plans = arrange([alert("IWM")], view(ways={BY_UNIVERSE: Way(delivery=Delivery.CLOSE)}))
    assert plans[0].quieted is not None
    assert plans[0].quieted.held_until == datetime(2023, 11, 24, 18, 20, tzinfo=UTC)


def test_beyond_the_budget_alerts_wait_for_the_full_hour_and_the_last_one_says_so() -> None:
    last = arrange([alert("IWM")], view(channel=replace(CHANNEL, budget=5, sent=4)))
    assert last[0].quieted is not None
    assert "had its messages of this hour (5)" in (last[0].quieted.note or "")
    over = arrange([alert("IWM"), reply("GLD")], view(channel=replace(CHANNEL, budget=5, sent=5)))
    assert [plan.quieted and plan.quieted.rule for plan in over] == [Rule.BUDGET] * 2
    assert over[0].quieted is not None
    assert over[0].quieted.held_until == datetime(2023, 11, 24, 16, 0, tzinfo=UTC)


def test_edits_cost_no_budget() -> None:
    plans = arrange([edit("IWM")], view(channel=replace(CHANNEL, budget=1, sent=1)))
    assert plans[0].quieted is None


def test_a_role_is_mentioned_by_the_subscription_that_wants_it() -> None:
    plans = arrange([alert("IWM")], view(ways={BY_UNIVERSE: Way(role_id=77)}))
    assert plans[0].quieted is not None
    assert plans[0].quieted.role_id == 77
