"""Which words of a message are tickers, and what is said of them."""

import pytest

from bot.answers.calls import calls_of
from bot.answers.model import Caller
from bot.answers.tickers import MOST, found_in, tickers
from bot.errors import UserError
from bot.market.symbols import Directory
from bot.services import Services

KNOWN = Directory.load()


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("Bought $ivoo and some SPY today.", ["IVOO", "SPY"]),
        ("SPY, QQQ/IWM; SPY again", ["SPY", "QQQ", "IWM"]),
        ("$brk.b over $BRK-B", ["BRK-B"]),
        ("ALL of this is NOW at a LOW, what a COST", []),
        ("but $ALL and $COST are tickers", ["ALL", "COST"]),
        ("it cost $5 or $1,000, not $SPY5", []),
        ("see https://x.test/SPY?q=$QQQ and <@123> <:SPY:456> <#789>", []),
        ("```\nSPY = 1\n``` QQQ", ["QQQ"]),
        ("spy and Invesco and apple", []),
        ("SPY’s high; S&P; XYZQ; SPYX", []),
        ("QQQ. IWM!", ["QQQ", "IWM"]),
        ("$$SPY $SPY$", []),
        ("", []),
    ],
)
def test_only_what_is_meant_as_a_ticker_is_one(text: str, symbols: list[str]) -> None:
    found = found_in(text, known=lambda word: KNOWN.get(word) is not None)
    assert [str(symbol) for symbol in found] == symbols


@pytest.mark.asyncio(loop_scope="session")
async def test_each_ticker_has_a_line_and_a_button_and_the_rest_is_named(autumn: Services) -> None:
    text = "SPY QQQ IWM MDY XLK XLF XLE $ZZZZ"
    answer = await tickers(autumn, Caller(), text=text)
    assert answer.private
    assert [field.name.split()[0] for field in answer.card.fields] == text.split()[:MOST]
    assert calls_of(answer) == [f"high {symbol}" for symbol in text.split()[:MOST]]
    assert "Also in it: XLF, XLE, ZZZZ." in answer.card.body
    assert answer.card.verdict.startswith("8 tickers.")


@pytest.mark.asyncio(loop_scope="session")
async def test_a_ticker_without_prices_is_said_to_have_none(autumn: Services) -> None:
    answer = await tickers(autumn, Caller(), text="$SPY or $ZZZZ")
    values = {field.name.split()[0]: field.value for field in answer.card.fields}
    assert values["ZZZZ"].startswith("unavailable: ")
    assert calls_of(answer) == ["high SPY"]


@pytest.mark.asyncio(loop_scope="session")
async def test_a_message_without_tickers_is_answered_with_what_counts(autumn: Services) -> None:
    with pytest.raises(UserError, match=r"no ticker in this message.*\$IVOO"):
        await tickers(autumn, Caller(), text="Good morning!")
