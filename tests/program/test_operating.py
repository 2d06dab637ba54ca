"""`doctor` and `fetch` as an operator runs them."""

from pathlib import Path

import aiohttp

from tests.alerts.stage import quiet_year, write_prices
from tests.playground.person import Person, option
from tests.program.runner import environment, finished, playground, started


def prices(folder: Path) -> None:
    closes = {symbol: quiet_year(103) for symbol in ("SPY", "QQQ", "DIA")}
    write_prices(folder / "prices", closes, first="2022-01-03")


async def test_the_doctor_finds_a_working_token_and_says_that_the_data_are_behind(
    tmp_path: Path,
) -> None:
    prices(tmp_path)
    async with playground(tmp_path) as discord:
        env = environment(
            tmp_path,
            DISCORD_TOKEN=discord["token"],
            HIGHWATER_DISCORD_API_BASE=discord["api_base"],
            HIGHWATER_DISCORD_GATEWAY=discord["gateway_url"],
        )
        arguments = ("bot", "doctor", "--source", "folder", "--data", "prices")
        code, output = await finished(*arguments, env=env, cwd=tmp_path)
    assert code == 0, output
    assert "accepted, the bot is Highwater" in output
    assert "SPY has 301 sessions" in output
    assert "the data are behind" in output
    assert "drawn (" in output
    assert discord["token"] not in output


async def test_the_doctor_names_a_wrong_token_and_a_damaged_database(tmp_path: Path) -> None:
    prices(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "highwater.db").write_bytes(b"no database at all" * 300)
    async with playground(tmp_path) as discord:
        env = environment(
            tmp_path,
            DISCORD_TOKEN="a-token-of-somebody-else",
            HIGHWATER_DISCORD_API_BASE=discord["api_base"],
            HIGHWATER_DISCORD_GATEWAY=discord["gateway_url"],
        )
        arguments = ("bot", "doctor", "--source", "folder", "--data", "prices")
        code, output = await finished(*arguments, env=env, cwd=tmp_path)
    assert code == 1, output
    assert "copy DISCORD_TOKEN again" in output
    assert "is damaged" in output
    assert "a-token-of-somebody-else" not in output
    assert "Traceback" not in output


async def test_fetch_stores_what_there_is_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    prices(tmp_path)
    env = environment(tmp_path)
    arguments = ("bot", "fetch", "SPY,QQQ,ZZZZ", "--source", "folder", "--data", "prices")
    code, output = await finished(*arguments, env=env, cwd=tmp_path)
    assert code == 1
    assert "2 of 3 symbols are stored, 602 sessions in all." in output
    assert "ZZZZ" in output
    assert "goes on from here" in output
    again = ("bot", "fetch", "SPY,QQQ,DIA", "--source", "folder", "--data", "prices")
    code, output = await finished(*again, env=env, cwd=tmp_path)
    assert code == 0, output
    assert "3 of 3 symbols are stored" in output


async def test_with_a_token_the_same_program_connects_answers_and_reports_its_health(
    tmp_path: Path,
) -> None:
    prices(tmp_path)
    async with playground(tmp_path) as discord:
        env = environment(
            tmp_path,
            DISCORD_TOKEN=discord["token"],
            HIGHWATER_DISCORD_API_BASE=discord["api_base"],
            HIGHWATER_DISCORD_GATEWAY=discord["gateway_url"],
            HIGHWATER_WEB_PORT="0",
            HIGHWATER_LOG_LEVEL="DEBUG",
        )
        arguments = ("bot", "run", "--source", "folder", "--data", "prices")
        async with started(*arguments, env=env, cwd=tmp_path) as program:
            await program.says("connected to Discord as")
            line = await program.says("health, metrics and the board at")
            pages = line.rsplit(" ", 1)[1]
            async with aiohttp.ClientSession() as http:
                async with http.get(f"{pages}/healthz") as answer:
                    assert answer.status == 200
                async with http.get(f"{pages}/metrics") as answer:
                    assert "highwater_discord_connected 1.0" in await answer.text()
            async with aiohttp.ClientSession(base_url=discord["url"]) as http:
                admin = await Person.enter(http, "admin")
                channel = await admin.channel("general")
                record = await admin.use("high", channel, option("symbol", "QQQ"))
                await admin.socket.close()
            assert record["state"] == "answered"
            title = record["message"]["embeds"][0]["title"]
            assert title.startswith("QQQ · Invesco QQQ Trust")
            assert await program.stop() == 0
        output = "\n".join(program.lines)
        assert discord["token"] not in output
        assert "Traceback" not in output
