"""Settings: everything wrong is said at once, and secrets never show."""

import re
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import UNPREFIXED, Settings, SourceName, load_settings

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*UNPREFIXED.values(), *(f"HIGHWATER_{f.upper()}" for f in Settings.model_fields)):
        monkeypatch.delenv(name, raising=False)


def test_no_settings_at_all_are_fine() -> None:
    settings = load_settings(env_file=None)
    assert settings.discord_token is None
    assert settings.source is None
    assert settings.is_real_discord


def test_every_wrong_value_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIGHWATER_TIME_ZONE", "Mars/Olympus")
    monkeypatch.setenv("HIGHWATER_SCAN_INTERVAL", "soon")
    monkeypatch.setenv("HIGHWATER_WEB_PORT", "70000")
    monkeypatch.setenv("HIGHWATER_SORCE", "demo")
    with pytest.raises(SettingsError) as caught:
        load_settings(env_file=None)
    text = str(caught.value)
    for part in ("Mars/Olympus", "SCAN_INTERVAL", "WEB_PORT", "did you mean HIGHWATER_SOURCE?"):
        assert part in text


def test_a_folder_source_needs_its_folder() -> None:
    with pytest.raises(SettingsError, match="HIGHWATER_FOLDER is missing"):
        load_settings(env_file=None, source="folder")


@pytest.mark.parametrize("url", ["http://evil.example/api/v10", "http://10.0.0.1/api", "nonsense"])
def test_discord_can_only_be_moved_to_this_machine(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIGHWATER_DISCORD_API_BASE", url)
    monkeypatch.setenv("HIGHWATER_DISCORD_GATEWAY", "ws://127.0.0.1:1/gateway")
    with pytest.raises(SettingsError, match="only Discord itself or an address on this machine"):
        load_settings(env_file=None)


def test_half_a_stand_in_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIGHWATER_DISCORD_API_BASE", "http://127.0.0.1:1/api/v10")
    with pytest.raises(SettingsError, match="must be set together"):
        load_settings(env_file=None)


def test_the_token_never_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "very-secret-token")
    settings = load_settings(env_file=None)
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "very-secret-token"
    assert "very-secret" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_the_env_file_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("HIGHWATER_SOURCE=yahoo\nHIGHWATER_BENCHMARK=qqq\n")
    monkeypatch.setenv("HIGHWATER_SOURCE", "demo")
    settings = load_settings(env_file=tmp_path / ".env")
    assert settings.source is SourceName.DEMO
    assert settings.benchmark == "QQQ"


def test_a_binary_env_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00binary")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(env_file=tmp_path / ".env")


def test_the_example_names_every_setting_with_its_default() -> None:
    example = dict(
        re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    )
    assert set(example) == {
        UNPREFIXED.get(name, f"HIGHWATER_{name.upper()}") for name in Settings.model_fields
    }


def test_the_example_is_what_the_defaults_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(env_file=ROOT / ".env.example") == load_settings(env_file=None)
