from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.distill.items import Item, digest_of, labels_of, parted, read_items
from agent.distill.spec import Source
from agent.errors import SettingsError


def source(folder: Path, name: str, content: str | bytes, **more: object) -> Source:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return Source.model_validate({"file": name, "licence": "own", **more})


def read(folder: Path, name: str, content: str | bytes, **more: object) -> list[Item]:
    return read_items([source(folder, name, content, **more)], folder)


def test_three_kinds_of_files_say_the_same(tmp_path: Path) -> None:
    wanted = [Item('he said "no", twice', "bad"), Item("fine – thanks", "good")]
    assert read(tmp_path, "a.jsonl", '{"text": "he said \\"no\\", twice", "label": "bad"}\n\n{"text": "fine – thanks", "label": "good"}') == wanted
    assert read(tmp_path, "a.csv", '\ufefftext,label\r\n"he said ""no"", twice",bad\r\nfine – thanks,good\r\n') == wanted
    names = {"1": "bad", "2": "good"}
    assert read(tmp_path, "a.tsv", 'he said "no", twice\t1\nfine – thanks\t2\n', text=0, label=1, names=names) == wanted
    assert read(tmp_path, "b.csv", "body,mood\nfine,good\n", text="body", label="mood") == [Item("fine", "good")]


def test_texts_without_labels_are_texts(tmp_path: Path) -> None:
    assert read(tmp_path, "a.csv", "text\nhello\n", labelled=False) == [Item("hello", None)]


def test_a_text_that_comes_twice_with_one_label_counts_once(tmp_path: Path) -> None:
    assert read(tmp_path, "a.csv", "text,label\nfine,good\n fine ,good\n") == [Item("fine", "good")]


BROKEN = [
    ("a.csv", "text,label\nfine,good\nfine,bad\n", r"contradict one another: a\.csv:2 says `good` and a\.csv:3 says `bad` of one text"),
    ("a.csv", "text,label\nfine,\n,good\nok,good\n", r"2 rows without a text or a label \(line 2, 3\)"),
    ("a.csv", "body,label\nfine,good\n", r"a\.csv:2 has no `text`; it has body, label"),
    ("a.csv", "text,label\nfine\n", r"a\.csv:2 has no `label`; it has text"),
    ("a.csv", 'text,label\n"fine,good\n', r"is not a row of a table"),
    ("a.jsonl", '{"text": "fine", "label": "good"}\n{oops', r"a\.jsonl:2 is not JSON"),
    ("a.jsonl", '["fine", "good"]', r"a\.jsonl:1 is not a JSON object"),
    ("a.jsonl", b"\xff\xfe\x00", "is not UTF-8"),
    ("a.jsonl", '{"text": ["fine"], "label": "good"}', r"a\.jsonl:1: `text` is a list; a text or a label is words"),
    ("a.jsonl", '{"text": "fine", "label": {"is": "good"}}', r"a\.jsonl:1: `label` is a dict"),
]


@pytest.mark.parametrize(("name", "content", "said"), BROKEN, ids=[said[:40] for _, _, said in BROKEN])
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path: Path, name: str, content: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read(tmp_path, name, content)


def test_a_file_that_is_not_there_says_how_to_name_its_folder(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.csv cannot be read: .*--training"):
        read_items([Source.model_validate({"file": "gone.csv", "licence": "own"})], tmp_path)


def many(**counts: int) -> list[Item]:
    return [Item(f"{label} {i}", label) for label, n in counts.items() for i in range(n)]


@pytest.mark.parametrize(
    ("found", "wanted", "said"),
    [
        (many(a=3, b=2), [], "holds 5 texts; a student needs 20 at the very least"),
        (many(a=40), [], "holds one class, `a`; there is nothing to tell apart"),
        ([], ["a", "b"], "holds 0 texts"),
        (many(a=20, b=20), ["a", "c"], "labels that the spec does not name: b"),
        (many(a=20, b=20), ["a", "b", "c"], "holds no text of `c`"),
        (many(a=20, b=1), [], "a single text of `b`"),
        ([*many(a=20), *(Item(f"b {i}", "b\nc") for i in range(20))], [], r"marks that cannot be seen, such as 'b\\nc'"),
    ],
)
def test_data_that_nothing_can_be_learned_from_are_refused(found: list[Item], wanted: list[str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        labels_of(found, wanted)


def test_labels_keep_the_specs_order_or_are_sorted() -> None:
    assert labels_of(many(b=20, a=20), []) == ["a", "b"]
    assert labels_of(many(b=20, a=20), ["b", "a"]) == ["b", "a"]


@given(st.sets(st.text(min_size=1), min_size=2, max_size=40), st.data())
def test_which_side_a_text_falls_on_does_not_hang_on_the_others(texts: set[str], data: st.DataObject) -> None:
    whole = [Item(text, "a") for text in sorted(texts)]
    some = data.draw(st.lists(st.sampled_from(whole), unique=True))
    kept, aside = parted(whole, 0.3, 7)
    assert sorted(kept + aside, key=lambda item: item.text) == sorted(whole, key=lambda item: item.text) and not set(kept) & set(aside)
    assert parted(some, 0.3, 7) == ([item for item in some if item in kept], [item for item in some if item in aside])


def test_a_digest_tells_texts_labels_and_their_order_apart() -> None:
    one, other = Item("a", "x"), Item("b", "x")
    assert len({digest_of(some) for some in ([one], [other], [one, other], [other, one], [Item("a", "y")], [Item("a", None)])}) == 6
