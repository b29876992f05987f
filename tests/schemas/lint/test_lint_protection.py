"""``protect`` that cannot be meant is a fault at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.schemas.lint import lint_workspace
from tests.declared import declare_packs

CONTRACT = """dataset: person.register
title: {{zh: 名册, en: register}}
owner: {{department: 市公安局}}
source: {{connector: files, path: "a.csv", format: csv}}
fields:
  n: {{element: person.id_number{number}}}
  name: {{element: person.name{name}}}
  born: {{element: person.birth_date, format: "%Y-%m-%d"{born}}}
write: {{mode: upsert, key: [{key}]}}
"""


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({}, []),
        ({"name": ", protect: token"}, []),
        ({"number": ", protect: mask"}, [("PROTECTION_LAXER", 6)]),
        ({"name": ", protect: none"}, [("PROTECTION_LAXER", 7)]),
        ({"born": ", protect: token"}, [("PROTECTION_OF_NO_TEXT", 8)]),
        ({"key": "id_number, person_name"}, [("KEY_MASKED", 7)]),
        ({"key": "person_name", "name": ", protect: token"}, []),
    ],
)
def test_a_protection_is_of_a_text_no_laxer_than_its_element_and_no_mask_of_a_key(
    tmp_path: Path, changed: dict[str, str], faults: list[tuple[str, int]]
) -> None:
    file = declare_packs(tmp_path) / "datasets" / "person" / "register.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(CONTRACT.format(**{"number": "", "name": "", "born": "", "key": "id_number", **changed}), "utf-8")
    assert [(each.code, each.line) for each in lint_workspace(tmp_path) if each.severity == "error"] == faults
