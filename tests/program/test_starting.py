"""What an operator sees when the program cannot start: a sentence and an exit code."""

import socket
from pathlib import Path

from tests.program.runner import environment, finished, playground, started


async def test_a_wrong_token_is_named_and_ends_with_77(tmp_path: Path) -> None:
    async with playground(tmp_path) as discord:
        env = environment(
            tmp_path,
            DISCORD_TOKEN="not-the-playgrounds-token",
            HIGHWATER_SOURCE="demo",
            HIGHWATER_DISCORD_API_BASE=discord["api_base"],
            HIGHWATER_DISCORD_GATEWAY=discord["gateway_url"],
        )
        code, output = await finished("bot", "run", env=env, cwd=tmp_path)
    assert code == 77, output
    assert "Discord does not accept DISCORD_TOKEN" in output
    assert "not-the-playgrounds-token" not in output
    assert "Traceback" not in output


async def test_without_a_network_it_says_so_and_ends_with_69(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        env = environment(
            tmp_path,
            DISCORD_TOKEN="any-token-at-all",
            HIGHWATER_SOURCE="demo",
            HIGHWATER_DISCORD_API_BASE=f"http://127.0.0.1:{port}/api/v10",
            HIGHWATER_DISCORD_GATEWAY=f"ws://127.0.0.1:{port}/gateway",
        )
        code, output = await finished("bot", "run", env=env, cwd=tmp_path)
    assert code == 69, output
    assert "Discord cannot be reached" in output
    assert "Traceback" not in output


async def test_wrong_settings_end_with_78_and_are_all_named(tmp_path: Path) -> None:
    env = environment(tmp_path, HIGHWATER_LOG_LEVEL="loud", HIGHWATER_SOURCE="folder")
    env["HIGHWATER_WEB_PORT"] = "-1"
    code, output = await finished("bot", "run", env=env, cwd=tmp_path)
    assert code == 78
    assert "HIGHWATER_LOG_LEVEL" in output
    assert "HIGHWATER_WEB_PORT" in output


async def test_a_corrupt_database_is_kept_and_ends_with_74(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    database = tmp_path / "data" / "highwater.db"
    database.write_bytes(b"not a database, but somebody's only copy of something" * 100)
    before = database.read_bytes()
    env = environment(tmp_path, DISCORD_TOKEN="any-token-at-all", HIGHWATER_SOURCE="demo")
    code, output = await finished("bot", "run", env=env, cwd=tmp_path)
    assert code == 74, output
    assert "is damaged" in output
    assert database.read_bytes() == before


async def test_an_empty_folder_of_prices_is_explained(tmp_path: Path) -> None:
    (tmp_path / "prices").mkdir()
    env = environment(tmp_path)
    arguments = ("bot", "ask", "/high SPY", "--source", "folder", "--data", "prices")
    code, output = await finished(*arguments, env=env, cwd=tmp_path)
    assert code != 0
    assert "prices" in output
    assert "Traceback" not in output


async def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        env = environment(tmp_path, HIGHWATER_WEB_PORT=port)
        code, output = await finished("bot", "run", env=env, cwd=tmp_path)
    assert code == 1
    assert f"Port {port}" in output
    assert "HIGHWATER_WEB_PORT" in output


async def test_sigterm_ends_a_running_program_cleanly(tmp_path: Path) -> None:
    env = environment(tmp_path, HIGHWATER_WEB_PORT="0")
    async with started("bot", "run", env=env, cwd=tmp_path) as program:
        await program.says("playground: http://127.0.0.1:")
        assert await program.stop() == 0
        assert not [line for line in program.lines if "Traceback" in line or "ERROR" in line]
