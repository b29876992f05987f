"""The declaration files of a workspace make the same registry again, wherever they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.schemas.read.declaration_texts import (
    DeclarationTexts,
    load_written_registry,
    read_declaration_texts,
    write_declarations,
)
from citylake.schemas.read.registry import Registry, load_registry
from tests.declared import declare_packs

ROOT = Path(__file__).parents[3]
STORES = ("elements", "codes", "crosswalks", "contracts", "marts", "entities")


def _again(registry: Registry, folder: Path) -> Registry:
    write_declarations(read_declaration_texts(registry.workspace), folder)
    return load_written_registry(folder)


@pytest.mark.parametrize("name", ["demo", "chicago", "singapore"])
def test_written_files_declare_what_the_workspace_does(name: str, tmp_path: Path) -> None:
    before = load_registry(ROOT / "workspaces" / name)
    after = _again(before, tmp_path)
    assert {store: getattr(after, store) for store in STORES} == {store: getattr(before, store) for store in STORES}
    assert all(place.path.is_relative_to(tmp_path) for place in after.places.values())


def test_extended_workspaces_and_changed_packs_are_read_from_the_copy(tmp_path: Path) -> None:
    for name, extends in (("region", ""), ("city", "extends: ../region\n"), ("ward", "extends: ../city\n")):
        declare_packs(tmp_path / name)
        with (tmp_path / name / "workspace.yaml").open("a", encoding="utf-8") as file:
            file.write(extends)
        codes = tmp_path / name / "codes"
        codes.mkdir()
        listed = (
            f"- {{id: {name}.colour, name: {{zh: 色, en: colour}}, values: [{{code: R, name: {{zh: 红, en: red}}}}]}}"
        )
        (codes / "colours.yaml").write_text(listed, encoding="utf-8")
    before = load_registry(tmp_path / "ward")
    texts = read_declaration_texts(before.workspace)
    (changed,) = [path for path in texts.files if path.endswith("packs/base/elements/time.yaml")][:1]
    written = DeclarationTexts({**texts.files, changed: texts.files[changed].replace("zh: ", "zh: 新")})
    write_declarations(written, tmp_path / "copy")
    after = load_written_registry(tmp_path / "copy")
    assert {"region.colour", "city.colour", "ward.colour"} <= after.codes.keys() == before.codes.keys()
    assert after.elements.keys() == before.elements.keys()
    assert after.elements != before.elements, "the changed pack is read"


def test_a_revision_is_the_same_for_the_same_files_and_another_for_others(tmp_path: Path) -> None:
    declare_packs(tmp_path / "city")
    first = read_declaration_texts(load_registry(tmp_path / "city").workspace)
    assert read_declaration_texts(load_registry(tmp_path / "city").workspace).revision == first.revision
    (tmp_path / "city" / "datasets").mkdir(exist_ok=True)
    (tmp_path / "city" / "datasets" / "more.yaml").write_text("# nothing yet\n", encoding="utf-8")
    assert read_declaration_texts(load_registry(tmp_path / "city").workspace).revision != first.revision
