"""The config file says what is wrong with it, and where."""

from pathlib import Path

import pytest

from agent.errors import SettingsError
from agent.settings import load, secret


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "storehand.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_and_no_environment_is_a_working_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(environ={})
    assert (settings.shop, settings.host, settings.port) == ("demo", "127.0.0.1", 8000)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("shop = 'a'\nshopp = 'b'\n", 2, "there is no setting `shopp`"),
        ("[limits]\nprice_move_percent = 10\nprice_mov = 1\n", 3, "`limits.price_mov`"),
        ("[limits]\ndiscount_percent = 120\n", 2, "Give 100 or less"),
        ("port = 99999\n", 1, "`port`"),
        ("[providers.acme]\nbase_url = 'ftp://x'\n", 2, "http(s) address"),
        ("[aliases.frontier]\ntargets = ['nobody/x']\n", 2, "[providers.nobody]"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(written(tmp_path, text), environ={})
    assert f"line {line}: " in str(caught.value)
    assert says in str(caught.value)


def test_text_that_is_no_toml_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is not TOML"):
        load(written(tmp_path, "shop = \n"), environ={})


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "no.toml", environ={})


def test_the_command_line_wins_over_the_environment_which_wins_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "shop = 'file'\nport = 1\n")
    settings = load(path, environ={"STOREHAND_SHOP": "environment"}, port=3)
    assert (settings.shop, settings.port) == ("environment", 3)


def test_a_literal_key_is_only_for_loopback() -> None:
    assert secret("sk-test", base_url="http://127.0.0.1:9/v1") == "sk-test"
    with pytest.raises(SettingsError, match="env:NAME"):
        secret("sk-test", base_url="https://llm.example/v1")


def test_a_missing_key_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="`ACME_KEY` is not set"):
        secret("env:ACME_KEY", base_url="https://llm.example/v1", environ={})


def test_an_operator_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"line 1: `operator`: there is no folder"):
        load(written(tmp_path, f"operator = '{tmp_path / 'nowhere'}'\n"), environ={})
