"""What `storehand tasks new --package` writes is a distribution that says where its tasks are."""

import tomllib
from pathlib import Path

import pytest

from agent.errors import Invalid, TaskDefinitionError
from agent.testing.packaging import scaffold_in_package
from agent.testing.playground import task_in


def points(folder: Path) -> dict[str, str]:
    project = tomllib.loads((folder / "storehand-favourites" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, str] = project["entry-points"]["storehand.tasks"]
    return found


def test_a_new_package_has_the_task_and_its_entry_point(tmp_path: Path) -> None:
    written = scaffold_in_package("mark_favourites", "storehand-favourites", tmp_path, kind="write")
    assert all(path.is_file() for path in written)
    assert points(tmp_path) == {"mark_favourites": "storehand_favourites.mark_favourites.handler:mark_favourites"}
    assert task_in(tmp_path / "storehand-favourites" / "storehand_favourites" / "mark_favourites").effect == "write"


def test_another_task_joins_the_package_and_leaves_what_its_author_wrote(tmp_path: Path) -> None:
    scaffold_in_package("mark_favourites", "storehand-favourites", tmp_path, kind="write")
    readme = tmp_path / "storehand-favourites" / "README.md"
    readme.write_text("Mine.", encoding="utf-8")
    written = scaffold_in_package("list_favourites", "storehand-favourites", tmp_path)
    assert set(points(tmp_path)) == {"mark_favourites", "list_favourites"}
    assert readme not in written and readme.read_text(encoding="utf-8") == "Mine."


def test_a_task_that_is_there_already_changes_nothing(tmp_path: Path) -> None:
    scaffold_in_package("mark_favourites", "storehand-favourites", tmp_path)
    with pytest.raises(Invalid, match="is there already"):
        scaffold_in_package("mark_favourites", "storehand-favourites", tmp_path)
    assert len(points(tmp_path)) == 1


@pytest.mark.parametrize("name", ["Favourites", "storehand_favourites", "../favourites", "-favourites", ""])
def test_a_name_that_is_no_distributions_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no distribution's name"):
        scaffold_in_package("mark_favourites", name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_tasks_name_makes_no_package(tmp_path: Path) -> None:
    with pytest.raises(TaskDefinitionError, match="verb_noun"):
        scaffold_in_package("favourites", "storehand-favourites", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_project_without_the_table_is_left_alone_and_told_what_to_add(tmp_path: Path) -> None:
    (tmp_path / "storehand-favourites").mkdir()
    project = tmp_path / "storehand-favourites" / "pyproject.toml"
    project.write_text('[project]\nname = "storehand-favourites"\n', encoding="utf-8")
    with pytest.raises(Invalid, match=r'\[project\.entry-points\."storehand\.tasks"\]'):
        scaffold_in_package("mark_favourites", "storehand-favourites", tmp_path)
    assert list((tmp_path / "storehand-favourites").iterdir()) == [project]
