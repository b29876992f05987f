"""The shared cases of encodings: a file is read right, or refused; what it was read as before never comes again."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

CASES = Path(os.environ.get("CITYLAKE_CASES") or Path(__file__).parents[3] / "../shared/cases").resolve()
FOLDERS = [folder for pattern in ("encoding-*", "read-enc-*") for folder in sorted(CASES.glob(pattern))]
REFUSED = {"ENCODING_AMBIGUOUS", "ENCODING_MISDECLARED", "ENCODING_UNKNOWN", "ENCODING_WRONG"}


def case_format(folder: Path) -> Any:
    declared = folder / "format.json"
    if declared.exists():
        return json.loads(declared.read_text())
    (contract,) = folder.glob("workspace/datasets/**/*.yaml")
    return yaml.safe_load(contract.read_text())["source"]["format"]


def wrong_texts(folder: Path) -> list[str]:
    """The words with other than ASCII in the case's line ``got``."""
    _, _, got = (folder / "NOTE.txt").read_text().partition("got")
    return [word for word in re.findall(r"\w+", got) if not word.isascii()]


@pytest.mark.skipif(not FOLDERS, reason="there are no shared cases")
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_case_is_read_right_or_refused(parser: Any, folder: Path) -> None:
    (body,) = [*folder.glob("input.csv"), *folder.glob("in/*")]
    outcome = parser(body.read_bytes(), format=case_format(folder))
    if outcome.parsed.problem:
        assert outcome.parsed.problem.code in REFUSED
        return
    text = "\n".join("\t".join(value or "" for value in row) for row in outcome.rows)
    assert not [word for word in wrong_texts(folder) if word in text]
    expected = folder / "expected.csv"
    if expected.exists():
        with expected.open(encoding="utf-8", newline="") as file:
            assert [outcome.parsed.columns, *outcome.rows] == [tuple(row) for row in csv.reader(file)]
