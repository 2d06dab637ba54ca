"""Ranks and breadth, against pandas, and looked at by several watchers."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bot.alerts.standing import measured, standing
from bot.market.model import Bars, Symbol
from tests.alerts.stage import SESSIONS, Stage, at, quiet_year, write_prices
from tests.market.known import walk

LAST = date(2024, 12, 31)
DAYS = SESSIONS.between(date(2023, 9, 25), LAST)


def universe() -> list[Bars]:
    """Thirty walks, of which a third was listed during the last year."""
    first = ["2023-01-03", "2023-01-03", "2024-05-01"]
    return [walk(first[seed % 3], str(LAST), symbol=f"S{seed}", seed=seed) for seed in range(30)]


def test_ranks_and_breadth_are_what_pandas_says() -> None:
    histories = universe()
    known = standing(list(measured(histories, DAYS)), {bars.symbol for bars in histories})

    closes = pd.DataFrame({b.symbol: pd.Series(b.close, index=b.days) for b in histories})
    score = sum(
        weight * (closes.iloc[-1] / closes.shift(back).iloc[-1] - 1)
        for back, weight in ((63, 0.4), (126, 0.2), (189, 0.2), (252, 0.2))
    )
    place = score.dropna().rank()
    assert known.ranks == (1 + 98 * (place - 1) / (len(place) - 1)).round().astype(int).to_dict()
    assert len(known.ranks) == 20

    a_year = pd.Timestamp(LAST) - pd.DateOffset(years=1)
    highs = lows = above = 0
    for bars in histories:
        before = bars.days[:-1] >= np.datetime64(a_year.date())
        if before.sum() > 240:
            highs += bars.high[-1] > bars.high[:-1][before].max()
            lows += bars.low[-1] < bars.low[:-1][before].min()
        above += bars.close[-1] > bars.close[-50:].mean()
    assert known.breadth is not None
    assert (known.breadth.new_highs, known.breadth.new_lows) == (highs, lows)
    assert known.breadth.counted == 20
    assert known.breadth.above_50 == pytest.approx(above / 30)


def test_who_is_watched_no_more_counts_no_more() -> None:
    histories = universe()[:6]
    rows = list(measured(histories, DAYS))
    known = standing(rows, {Symbol("S0"), Symbol("S1")})
    assert sorted(known.ranks.values()) == [1, 99]
    assert standing(rows, set()).breadth is None


async def test_watchers_of_different_symbols_know_of_each_others(
    tmp_path: Path, where: Path | str
) -> None:
    """Two that share the work say of a symbol what one would say that does it all."""
    closes = {
        f"S{n}": quiet_year(*(85 + n + n * i / 9 for i in (1, 2, 3)), level=90.0 + n)
        for n in range(8)
    }
    closes["S0"] = quiet_year(95, 96, 103)
    write_prices(tmp_path / "prices", closes, first="2023-01-03")
    breaks = SESSIONS.between(date(2023, 1, 3), LAST)[302].item()

    async def facts(database: Path | str, *parts: Callable[[Symbol], bool]) -> dict[str, object]:
        stage = Stage(tmp_path / "prices", database, at(str(SESSIONS.offset(breaks, -1))))
        await stage.subscribe(*closes)
        watchers = [stage.another_watcher(mine) for mine in parts]
        for moment in (stage.clock.now(), at(str(breaks), "16:00"), at(str(breaks))):
            stage.clock.move_to(moment)
            for watcher in watchers:
                await watcher.run_once()
        (told,) = [a.facts for a in await stage.outbox() if a.facts["symbol"] == "S0"][:1]
        await stage.close()
        return {name: told[name] for name in ("rs_rank", "breadth", "seen_at")}

    alone = await facts(tmp_path / "alone.db", lambda symbol: True)
    parted = await facts(where, lambda symbol: symbol < "S4", lambda symbol: symbol >= "S4")
    assert parted == alone
    assert alone["rs_rank"] is not None
