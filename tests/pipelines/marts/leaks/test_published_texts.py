"""Texts that are published name no person: numbers are found by their form and check digit, and little else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.marts.leaks.published_texts import find_identifiers


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("例：11010519491231002X", "id_number"),
        ("call 138 0013 8000", "mobile"),
        ("+86-13800138000", "mobile"),
        ("卡号6222021234567890128", "bank_card"),
        ("卡号 4111111111111112", None),
        ("车辆京A12345", "plate"),
        ("新能源粤BD12345。", "plate"),
    ],
)
def test_an_identifier_is_found_and_masked(text: str, kind: str | None) -> None:
    found = list(find_identifiers(f"-- title\n{text}"))
    assert [each[:2] for each in found] == ([(2, kind)] if kind else [])
    assert all(len(masked) == 4 for _, _, masked in found)


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",  # a wrong check digit
        "110105199902300025",  # no such day
        "91110000600037341L",  # a credit code of an organisation
        "20260301080000",
        "138001380001",
        "0.13800138000",
        "4111111111111112",
        "京东A区12345",
        "sha256 3a13800138000f",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert list(find_identifiers(text)) == []


def test_no_declaration_of_the_packs_and_workspaces_names_a_person(pytestconfig: pytest.Config) -> None:
    root = pytestconfig.rootpath
    folders = [root / "schemas" / "packs", root / "workspaces", root / "tests" / "real" / "workspace"]
    files = [path for folder in folders for end in ("yaml", "sql") for path in folder.rglob(f"*.{end}")]
    assert [(path.name, found) for path in files for found in _found(path)] == []


def _found(path: Path) -> list[tuple[int, str, str]]:
    return list(find_identifiers(path.read_text(encoding="utf-8")))
