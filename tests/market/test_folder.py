"""Every expected value is written in the files that the tests make."""

import gzip
import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bot.errors import NoData, NotOffered, OperatorError, UnknownSymbol
from bot.market.model import InstrumentType, Symbol
from bot.market.sources import csv_bars
from bot.market.sources.folder import FolderSource
from tests.market.known import real_folder

HEADER = "symbol,date,open,high,low,close,adj_close,volume,dividend,split"
SPY = "SPY,2024-01-02,472.16,473.67,470.49,472.65,463.9,123623700,0.0,0.0"
SPY_NEXT = "SPY,2024-01-03,470.43,471.19,468.17,468.79,460.1,103585900,1.5,2.0"
QQQ = "QQQ,2024-01-02,405.84,406.19,399.74,402.59,400.0,54544800,0,0"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


async def test_bars_hold_exactly_what_the_file_says(tmp_path: Path) -> None:
    write(tmp_path / "all.csv", SPY_NEXT, SPY, QQQ)
    bars = await FolderSource(tmp_path).bars(Symbol("SPY"))
    assert bars.days.tolist() == [date(2024, 1, 2), date(2024, 1, 3)]
    assert bars.open.tolist() == [472.16, 470.43]
    assert bars.high.tolist() == [473.67, 471.19]
    assert bars.low.tolist() == [470.49, 468.17]
    assert bars.close.tolist() == [472.65, 468.79]
    assert bars.volume.tolist() == [123623700, 103585900]
    assert bars.dividend.tolist() == [0, 1.5]
    assert bars.split.tolist() == [0, 2]
    assert bars.final


async def test_since_cuts_off_earlier_sessions(tmp_path: Path) -> None:
    write(tmp_path / "all.csv", SPY, SPY_NEXT)
    bars = await FolderSource(tmp_path).bars(Symbol("SPY"), since=date(2024, 1, 3))
    assert bars.close.tolist() == [468.79]


async def test_compressed_files_and_sub_folders_are_read(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "QQQ.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n{QQQ}\n".encode()))
    write(tmp_path / "SPY.csv", SPY)
    source = FolderSource(tmp_path)
    assert [i.symbol for i in await source.directory()] == ["QQQ", "SPY"]
    assert (await source.bars(Symbol("QQQ"))).close.tolist() == [402.59]


async def test_a_file_without_a_symbol_column_is_named_after_its_symbol(tmp_path: Path) -> None:
    text = "Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits\n"
    text += "2023-04-13 00:00:00-04:00,10,11,9,10.5,10.5,1000,0.25,0\n"
    (tmp_path / "BRK-B.csv").write_text(text)
    bars = await FolderSource(tmp_path).bars(Symbol("BRK-B"))
    assert bars.days.tolist() == [date(2023, 4, 13)]
    assert bars.dividend.tolist() == [0.25]


async def test_a_symbol_may_be_spread_over_files_and_the_first_file_wins(tmp_path: Path) -> None:
    write(tmp_path / "2024-01-02.csv", SPY, QQQ)
    write(tmp_path / "2024-01-03.csv", SPY_NEXT, SPY.replace("472.65", "999"))
    bars = await FolderSource(tmp_path).bars(Symbol("SPY"))
    assert bars.close.tolist() == [472.65, 468.79]


BROKEN = [
    ("SPY,2024-01-04,1,2,3", "has 5 cells instead of 10"),
    ("SPY,2024-13-04,1,2,3,4,5,6,0,0", "month must be in 1..12"),
    ("SPY,04/01/2024,1,2,3,4,5,6,0,0", "Invalid isoformat string"),
    ("SPY,2024-01-04,1,2,n/a,4,5,6,0,0", "low is no number: 'n/a'"),
    ("S PY!,2024-01-04,1,2,3,4,5,6,0,0", "not a ticker symbol"),
    (",2024-01-04,1,2,3,4,5,6,0,0", "not a ticker symbol"),
    ("SPY,,1,2,3,4,5,6,0,0", "Invalid isoformat string"),
    ("SPY,2024-01-04,1,2,3,4,5,6,0,0,7", "has 11 cells instead of 10"),
]


@pytest.mark.parametrize(("row", "reason"), BROKEN)
async def test_a_broken_row_is_left_out_and_named_with_its_line(
    tmp_path: Path, row: str, reason: str
) -> None:
    write(tmp_path / "all.csv", SPY, row, SPY_NEXT)
    source = FolderSource(tmp_path)
    bars = await source.bars(Symbol("SPY"))
    assert bars.close.tolist() == [472.65, 468.79]
    (problem,) = source.problems
    assert problem.file == "all.csv"
    assert problem.line == 3
    assert reason in problem.text


async def test_a_short_and_a_long_row_do_not_cancel_out(tmp_path: Path) -> None:
    short, long = SPY_NEXT.rsplit(",", 1)[0], f"{QQQ},0"
    write(tmp_path / "all.csv", SPY, short, long)
    source = FolderSource(tmp_path)
    assert len(await source.bars(Symbol("SPY"))) == 1
    assert [problem.line for problem in source.problems] == [3, 4]


async def test_broken_rows_are_all_counted_but_only_some_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "all.csv", SPY, *["nonsense"] * 500)
    parsed = csv_bars.parse(path)
    assert parsed.broken == 500
    assert len(parsed.problems) == csv_bars.SHOWN_PROBLEMS


async def test_an_empty_cell_stays_empty_for_the_guard(tmp_path: Path) -> None:
    write(tmp_path / "all.csv", SPY.replace("472.65", ""))
    source = FolderSource(tmp_path)
    assert np.isnan((await source.bars(Symbol("SPY"))).close).all()
    assert source.problems == ()


async def test_bytes_that_are_no_utf8_spoil_only_their_row(tmp_path: Path) -> None:
    path = write(tmp_path / "all.csv", SPY, SPY_NEXT)
    path.write_bytes(path.read_bytes() + b"SP\xff,2024-01-04,1,2,3,4,5,6,0,0\n")
    source = FolderSource(tmp_path)
    assert len(await source.bars(Symbol("SPY"))) == 2
    assert [p.line for p in source.problems] == [4]


async def test_a_byte_order_mark_and_windows_lines_are_forgiven(tmp_path: Path) -> None:
    text = "\ufeff" + "\r\n".join([HEADER, SPY, QQQ]) + "\r\n"
    (tmp_path / "all.csv").write_bytes(text.encode())
    source = FolderSource(tmp_path)
    assert (await source.bars(Symbol("SPY"))).close.tolist() == [472.65]
    assert source.problems == ()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"symbol,date,open,high,low,close\n", "SPY.csv, line 1: has no column volume"),
        (b"", "has no column date, open, high, low, close, volume"),
        (f"{HEADER}\n{SPY}\n".encode("utf-16"), "line 1: is not UTF-8 text"),
        (b"date,date,open,high,low,close,volume\n", "line 1: names a column twice"),
    ],
)
def test_a_folder_with_no_usable_file_stops_the_program_and_says_why(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "SPY.csv").write_bytes(content)
    with pytest.raises(OperatorError) as caught:
        FolderSource(tmp_path)
    assert reason in str(caught.value)


def test_a_missing_and_an_empty_folder_stop_the_program(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="does not exist"):
        FolderSource(tmp_path / "nowhere")
    with pytest.raises(OperatorError, match=r"holds no \.csv"):
        FolderSource(tmp_path)


async def test_one_unusable_file_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "broken.csv.gz").write_bytes(b"\x1f\x8b this is no gzip")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n{QQQ}\n".encode())[:-9])
    write(tmp_path / "good.csv", SPY)
    source = FolderSource(tmp_path)
    assert len(await source.bars(Symbol("SPY"))) == 1
    assert [p.file for p in source.problems] == ["broken.csv.gz", "cut.csv.gz"]


async def test_a_file_too_large_for_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_bars, "MAX_BYTES", 1 << 20)
    write(tmp_path / "good.csv", SPY)
    huge = f"{HEADER}\n" + f"{QQQ}\n" * 30_000
    (tmp_path / "huge.csv.gz").write_bytes(gzip.compress(huge.encode()))
    source = FolderSource(tmp_path)
    assert [i.symbol for i in await source.directory()] == ["SPY"]
    assert "larger than 1 MiB; split it" in source.problems[0].text


async def test_an_unknown_symbol_and_one_without_a_good_row_differ(tmp_path: Path) -> None:
    write(tmp_path / "all.csv", SPY)
    (tmp_path / "QQQ.csv").write_text("date,open,high,low,close,volume\nx,1,1,1,1,1\n")
    source = FolderSource(tmp_path)
    with pytest.raises(UnknownSymbol):
        await source.bars(Symbol("IVOO"))
    with pytest.raises(NoData, match=r"QQQ\.csv, line 2"):
        await source.bars(Symbol("QQQ"))


async def test_a_changed_file_and_a_new_file_are_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "SPY.csv", SPY)
    source = FolderSource(tmp_path)
    assert len(await source.bars(Symbol("SPY"))) == 1
    write(path, SPY, SPY_NEXT)
    write(tmp_path / "QQQ.csv", QQQ)
    os.utime(tmp_path, ns=(1, 1))
    assert len(await source.bars(Symbol("SPY"))) == 2
    assert len(await source.bars(Symbol("QQQ"))) == 1


async def test_names_come_from_the_directory_file(tmp_path: Path) -> None:
    write(tmp_path / "all.csv", SPY, QQQ.replace("QQQ", "^VIX"))
    (tmp_path / "symbols.csv").write_text("symbol,name,type\nSPY,SPDR S&P 500 ETF,etf\n,x,y\n")
    vix, spy = sorted(await FolderSource(tmp_path).directory(), key=lambda i: i.name, reverse=True)
    assert (vix.symbol, vix.type) == ("^VIX", InstrumentType.INDEX)
    assert (spy.name, spy.type) == ("SPDR S&P 500 ETF", InstrumentType.ETF)


async def test_what_files_cannot_hold_is_not_offered(tmp_path: Path) -> None:
    write(tmp_path / "all.csv", SPY)
    source = FolderSource(tmp_path)
    with pytest.raises(NotOffered):
        await source.quotes([Symbol("SPY")])
    with pytest.raises(NotOffered):
        await source.profile(Symbol("SPY"))
    with pytest.raises(NotOffered):
        await source.headlines(Symbol("SPY"))
    await source.close()


async def test_all_real_core_files_are_read_without_a_problem() -> None:
    source = FolderSource(real_folder("core"))
    assert len(await source.directory()) == 19
    bars = await source.bars(Symbol("IVOO"))
    assert bars.last_day == date(2026, 10, 1)
    assert bars.close[-1] == 123.07
    assert source.problems == ()
