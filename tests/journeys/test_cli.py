"""The command, as a shell sees it: exit code, standard output, and one plain sentence on standard error when something is wrong."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.cli import main

MUG = "Blue Ceramic Mug"


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Said]


@pytest.fixture
def storehand(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run the command in this process, away from any config file."""

    def run(*arguments: str | Path, data: Path | None = None) -> Said:
        config = tmp_path / "empty.toml"
        config.touch()
        capfd.readouterr()
        front: Sequence[str | Path] = () if "--config" in arguments else ("--config", config)
        with pytest.raises(SystemExit) as ended:
            main([str(part) for part in (*front, *arguments, *(("--data", data) if data else ()))])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Said(int(ended.value.code or 0), out, err)

    return run


def one_sentence(err: str) -> bool:
    return err.startswith("storehand: ") and err.endswith(".\n") and err.count("\n") == 1


# asking


def test_a_reply_is_json_whose_spans_count_code_points_behind_emoji(storehand: Command, data_folder: Path) -> None:
    text = f"🫖🎉 put the {MUG} at 12.50"
    said = storehand("ask", text, "--json", data=data_folder)
    assert said.code == 0
    (subtask,) = said.json["plan"]["subtasks"]
    start, end = subtask["span"]
    assert text[start:end].strip("🫖🎉 ") == f"put the {MUG} at 12.50"
    assert said.json["parts"][0]["change_set"]["items"][0]["what"]["after"] == {"amount": "12.50", "currency": "EUR"}


def test_what_was_proposed_is_approved_undone_and_rejected_in_the_same_shell(storehand: Command, data_folder: Path) -> None:
    asked = storehand("ask", f"put the {MUG} at 15", data=data_folder)
    [id] = set(re.findall(r"`storehand approve (cs_\w+)`", asked.err))
    assert asked.code == 0 and asked.err.startswith("Nothing is changed yet: ")
    waiting = storehand("approve", data=data_folder)
    assert waiting.code == 0 and id in waiting.out and "Name one of them" in waiting.out
    done = storehand("approve", id, data=data_folder)
    assert done.code == 0 and "applied" in done.out
    assert "Nothing waits" in storehand("reject", data=data_folder).out
    inverse = storehand("undo", id, data=data_folder)
    digest = re.findall(r"digest (\w+)", inverse.out)[0]
    assert inverse.code == 0 and "open" in inverse.out
    assert "rejected" in storehand("reject", digest, data=data_folder).out
    assert "applied" in storehand("undo", id, "--yes", data=data_folder).out


@pytest.mark.parametrize("command", ["approve", "reject", "undo"])
def test_a_proposal_that_is_not_there_is_told_in_a_sentence(storehand: Command, data_folder: Path, command: str) -> None:
    said = storehand(command, "cs_nothing", data=data_folder)
    assert said.code == 1 and one_sentence(said.err)


def test_a_dry_run_names_nothing_to_approve(storehand: Command, data_folder: Path) -> None:
    assert "storehand approve" not in storehand("ask", f"put the {MUG} at 15", "--dry-run", data=data_folder).err


def test_yes_approves_every_proposal_of_a_request(storehand: Command, data_folder: Path) -> None:
    said = storehand("ask", f"put the {MUG} at 15 and create a discount code SPRING with 10% off", "--json", "--yes", data=data_folder)
    assert said.code == 0, said.err
    sets = [part["change_set"] for part in said.json["parts"]]
    assert [(part["task"], part["change_set"]["state"]) for part in said.json["parts"]] == [
        ("change_price", "applied"), ("create_discount", "applied"),
    ]  # fmt: skip
    assert all(item["state"] == "applied" for change_set in sets for item in change_set["items"])
    assert said.json["state"] == "done" and said.json["approvals"] == []


def test_yes_tells_what_could_not_be_done_and_ends_with_one(storehand: Command, data_folder: Path) -> None:
    for expected in (0, 1):
        said = storehand("ask", "create a discount code TWICE with 10% off", "--yes", data=data_folder)
        assert said.code == expected
    assert "TWICE" in said.out + said.err and "already" in said.out + said.err


def test_a_dry_run_proposes_and_keeps_nothing(storehand: Command, data_folder: Path) -> None:
    said = storehand("ask", f"put the {MUG} at 15", "--json", "--yes", "--dry-run", data=data_folder)
    assert said.code == 0 and said.json["approvals"] == []
    assert said.json["parts"][0]["change_set"]["state"] == "open"


@pytest.mark.parametrize("text", ["", "  ", "x" * 20_000, "put the \udcff mug at 12"])
def test_what_cannot_be_a_request_ends_with_one_and_a_sentence(storehand: Command, demo_data: Path, text: str) -> None:
    said = storehand("ask", text, data=demo_data)
    assert (said.code, said.out) == (1, "") and one_sentence(said.err)


def test_a_product_called_in_any_script_is_found_and_shown(storehand: Command, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text(
        "Handle,Title,Vendor,Type,Status,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty\n"
        "cafe,Crème Brûlée Bowl 🍮,Łódź & Søn,Tableware,active,Title,Default Title,CB-1,18.00,4\n"
        "ocha,お茶 Tea Cup,和,Tableware,active,Title,Default Title,TC-1,9.00,2\n",
        encoding="utf-8",
    )
    data = tmp_path / "data"
    assert storehand("shops", "create", "world", "--currency", "EUR", data=data).code == 0
    assert storehand("import", "products", file, "--shop", "world", data=data).code == 0
    said = storehand("ask", "put the Crème Brûlée Bowl at 19.50", "--json", "--shop", "world", data=data)
    (item,) = said.json["parts"][0]["change_set"]["items"]
    assert item["what"]["target"]["label"].startswith("Crème Brûlée Bowl 🍮") and item["what"]["after"]["amount"] == "19.50"
    assert "お茶 Tea Cup" in storehand("ask", "list all products", "--json", "--shop", "world", data=data).out


# planning many


def test_a_bad_line_among_good_ones_costs_only_itself(storehand: Command, demo_data: Path, tmp_path: Path) -> None:
    file = tmp_path / "requests.txt"
    lines = [
        b"\xef\xbb\xbfwhich products are running low?",
        b"",
        b"\xff\xfe not text",
        b"x" * 9_000,
        "put the mug\u2028at 12\x0b".encode(),
        b"top 3 products\r",
    ]
    file.write_bytes(b"\n".join(lines) + b"\n")
    said = storehand("plan", "--file", file, "--jsonl", data=demo_data)
    plans = [json.loads(line) for line in said.out.split("\n")[:-1]]
    assert said.code == 0 and len(plans) == len(lines)
    assert [sorted(plan)[0] == "error" for plan in plans] == [False, True, True, True, False, False]
    assert [plan["text"] for plan in plans if "error" not in plan] == [
        "which products are running low?",
        "put the mug\u2028at 12\x0b",
        "top 3 products",
    ]
    assert all(plan["error"]["detail"].endswith(".") for plan in plans if "error" in plan)


# wrong usage


WRONG = [
    (("ask",), 2, "say what you would like done"),
    (("plan",), 2, "give one request"),
    (("plan", "--file", "nowhere.txt", "--jsonl"), 2, "cannot be read"),
    (("ask", "low stock", "--shop", "nope"), 1, "storehand shops list"),
    (("serve", "--port", "99999"), 2, "65535 or less"),
    (("serve", "--parts", "nope"), 2, "there is no part nope"),
    (("serve", "--host", "203.0.113.7"), 2, "choose another --host or --port"),
    (("tasks", "show", "nope"), 1, "`storehand tasks list`"),
    (("eval", "nope"), 1, "`storehand tasks list`"),
    (("eval", "--relations", "3", "--gold", "x.txt"), 2, "leave out --gold"),
    (("tasks", "new", "change_price"), 2, "there is a task `change_price` already"),
    (("distill", "nope"), 2, "there is no head"),
    (("keys", "create", "--name", "x", "--scopes", "foo"), 2, "there is no scope"),
    (("keys", "create", "--name", "x", "--budget", "much"), 2, "no amount"),
    (("keys", "revoke", "key_0"), 1, "No key matches"),
    (("budgets", "set", "5", "--scope", "task", "--subject", "nope"), 1, "`storehand tasks list`"),
    (("budgets", "set", "5", "--scope", "key", "--subject", "key_0"), 1, "`storehand keys list`"),
    (("shops", "create", "demo"), 1, "already a shop"),
    (("shops", "create", "x", "--currency", "ZZZ"), 1, "ISO 4217"),
    (("shops", "create", "x", "--time-zone", "Mars/Olympus"), 1, "IANA"),
    (("shops", "create", "x", "--locale", "!!"), 1, "en-GB"),
    (("users", "add", "x", "--role", "king"), 2, "owner"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "words"), WRONG, ids=[" ".join(case[0]) for case in WRONG])
def test_wrong_usage_says_what_to_do(storehand: Command, demo_data: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    takes_data = arguments[0] not in ("tasks", "distill")
    said = storehand(*arguments, data=demo_data if takes_data else None)
    assert (said.code, said.out) == (code, "")
    assert words in " ".join(said.err.replace("│", " ").split())


CONFIGS = [
    ('shoop = "x"\n', "line 1: there is no setting `shoop`"),
    ("shop = \n", "is not TOML"),
    ("\n[limits]\nprice_move_percent = -3\n", "line 3: `limits.price_move_percent`"),
    ('[providers.acme]\nbase_url = "ftp://x"\n', "line 2: `providers.acme.base_url`"),
    ('[providers.acme]\nbase_url = "https://x.example/v1"\nkey = "env:NO_SUCH_KEY"\n', "`NO_SUCH_KEY` is not set"),
    ('[providers.acme]\nbase_url = "https://x.example/v1"\nkey = "file:/no/such/key"\n', "/no/such/key cannot be read"),
    ('[aliases.frontier]\ntargets = ["other/big"]\n', "names the provider `other`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), CONFIGS, ids=[words for _, words in CONFIGS])
def test_a_fault_of_the_config_file_is_named_with_its_line(storehand: Command, tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "storehand.toml"
    file.write_text(text)
    said = storehand("--config", file, "config", "check")
    assert said.code == 2 and one_sentence(said.err) and words in said.err


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_config_file_that_is_not_there_or_not_text_ends_with_two(storehand: Command, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "other.toml"
    if content is not None:
        file.write_bytes(content)
    said = storehand("--config", file, "config", "check")
    assert said.code == 2 and one_sentence(said.err)


def test_a_database_address_that_is_none_ends_with_two_and_does_not_repeat_a_password(storehand: Command, tmp_path: Path) -> None:
    file = tmp_path / "storehand.toml"
    file.write_text('database = "postgres//anna:secret@nowhere"\n')
    said = storehand("--config", file, "shops", "list")
    assert said.code == 2 and one_sentence(said.err) and "secret" not in said.err


# files to import


FILES = [
    (b"", "is empty"),
    (b"a,b,c\n1,2,3\n", "does not have the columns that are needed"),
    (os.urandom(50) + b"\x00\xff\xfe" * 300, "is not text"),
    (b"\x1f\x8b\x08 not gzip", "export.csv"),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["orders", "products"])
@pytest.mark.parametrize(("content", "words"), FILES, ids=[words for _, words in FILES[:3]] + ["half a gzip"])
def test_a_file_that_is_no_export_is_refused_and_leaves_no_shop_behind(
    storehand: Command, tmp_path: Path, kind: str, content: bytes, words: str
) -> None:
    file, data = tmp_path / "export.csv", tmp_path / "data"
    file.write_bytes(content)
    said = storehand("import", kind, file, "--shop", "uci", *(("--currency", "GBP") if kind == "orders" else ()), data=data)
    assert said.code == 1 and one_sentence(said.err)
    assert kind == "products" or words in said.err
    assert "uci" not in storehand("shops", "list", data=data).out


def test_bad_rows_are_named_by_line_and_the_rest_is_there_once(storehand: Command, tmp_path: Path) -> None:
    file, data = tmp_path / "orders.csv", tmp_path / "data"
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    good = "1001,A1,Blue Mug,2,2025-11-03 10:00:00,4.50,17850,France\n"
    file.write_text(head + good + "1002,A1,Blue Mug,two,2025-11-03 10:00:00,4.50,17850,France\n1003,A1,Blue Mug,1,never,4.50,17850,France\n")
    first = storehand("import", "orders", file, "--shop", "mine", "--currency", "GBP", "--time-zone", "Europe/London", data=data)
    assert first.code == 0
    assert [line.partition(":")[0] for line in first.err.splitlines()] == ["line 3", "line 4"]
    again = storehand("import", "orders", file, "--shop", "mine", data=data)
    assert again.code == 0 and "imported 0" in again.out and "already there 1" in again.out


# the data folder


def damage(kind: str, folder: Path) -> Path:
    if kind == "a file where the folder should be":
        folder.rename(folder.with_name("moved"))
        folder.write_text("not a folder")
    elif kind == "garbage in storehand.db":
        (folder / "storehand.db").write_bytes(b"\x13" * 100_000)
    elif kind == "a folder where storehand.db should be":
        (folder / "storehand.db").unlink()
        (folder / "storehand.db").mkdir()
    elif kind == "storehand.db cut short":
        with (folder / "storehand.db").open("r+b") as file:
            file.truncate(1_000_000)
    elif kind == "garbage in runs.db":
        (folder / "runs.db").write_bytes(b"\x13" * 100_000)
    elif kind == "a folder where runs.db should be":
        (folder / "runs.db").mkdir()
    return folder


DAMAGE = [
    "a file where the folder should be", "garbage in storehand.db", "a folder where storehand.db should be", "storehand.db cut short",
    "garbage in runs.db", "a folder where runs.db should be",
]  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_data_folder_ends_with_two_and_names_the_file(storehand: Command, data_folder: Path, kind: str) -> None:
    said = storehand("ask", f"put the {MUG} at 12.50", "--yes", data=damage(kind, data_folder))
    assert (said.code, said.out) == (2, "") and one_sentence(said.err)
    assert str(data_folder) in said.err


def test_the_rights_of_a_folder_that_was_there_are_left_as_they_are(storehand: Command, tmp_path: Path) -> None:
    there, new = tmp_path / "there", tmp_path / "new"
    there.mkdir()
    there.chmod(0o755)
    for folder in (there, new):
        assert storehand("shops", "list", data=folder).code == 0
    assert (there.stat().st_mode & 0o777, new.stat().st_mode & 0o777) == (0o755, 0o700)
