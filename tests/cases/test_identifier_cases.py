"""What a run says about identifiers that were changed before they arrived."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.conftest import FOLDER
from tests.cases.test_cases import copy_case

SAID = {
    "id-invisible-characters": "INVISIBLE_REMOVED",
    "id-zero-padding": "IDENTIFIER_SPELLINGS",
}


@pytest.mark.parametrize(("name", "code"), SAID.items())
def test_the_run_says_it(name: str, code: str, tmp_path: Path) -> None:
    if not (FOLDER / name).is_dir():
        pytest.skip(f"no case {FOLDER / name}")
    (entry,) = copy_case(FOLDER / name, tmp_path).run().document["datasets"]
    assert code in [problem["code"] for problem in entry["problems"]]
