"""The 311 corrections by which England's registry of planning data corrects what councils send, by value.

The registry's column ``pattern`` is always an expression for it, matched at the beginning of a value in any case.
As they are written, 22 of the patterns are expressions, which begin with ``^`` or ``(?``, or end with ``$`` or ``.*``,
or repeat any character. The other 289 are the literal old value: their dots, question marks and brackets are those of
addresses and remarks (``detail.asp?AltRef=``, ``(Local Employment)``), and as expressions some of them would not even
match themselves. An expression must match the whole value here.

Each applies exactly once to rows made of them, but for those that are refused with the reason: 5 whose value refers
to a group, 3 without a field, 6 that a later one of the same pattern replaces, and 3 that change nothing.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.decided import correct_values
from tests.declared import DEMO, declare_packs
from tests.trial import Trial

EXPRESSION = re.compile(r"^\^|\$$|\.\*|^\(\?|\\[sS1]")
MATCHED = {
    r".*278$": "agreement s.278",
    r"(?i)green.*infrastructure|infrastructure.*green": "GREEN and blue infrastructure",
    r"(?i)digital.*infrastructure|infrastructure.*digital": "infrastructure (digital",
    r"(?i)economic.*develop|develop.*economic": "Economic growth, develop",
    r"(?i)transport.*travel|travel.*transport": "travel and Transport",
    r"ALLOCATED:.*": "ALLOCATED: 2021",
    r"(?i)recevied": "Recevied",
    r"^Listed Building Grade I$": "Listed Building Grade I",
    r"^Listed Building Grade II$": "Listed Building Grade II",
    r"^1$": "1",
    r"^2\*$": "2*",
    r"^3$": "3",
    r"^0$": "0",
    r"^A": "A",
}
"""A value that each of the usable expressions is about."""


@pytest.fixture(scope="module")
def corrections(data: Path) -> list[dict[str, str]]:
    with (data / "digital_land/corrections.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def is_expression(pattern: str) -> bool:
    return bool(EXPRESSION.search(pattern))


def contract(dataset: str, fields: list[str]) -> dict[str, Any]:
    bound = {name: {"element": "organisation.name", "as": f"text_{number}"} for number, name in enumerate(fields)}
    return {
        "dataset": dataset,
        "title": {"zh": "题", "en": "title"},
        "owner": {"department": "局"},
        "source": {"connector": "files", "path": f"${{IN}}/{dataset}.csv", "format": "csv"},
        "fields": {"number": {"element": "organisation.short_name", "required": True}, **bound},
        "write": {"mode": "append"},
    }


def refusal(one: dict[str, str], later: list[dict[str, str]]) -> str:
    """Why a correction is not applied; empty if it is."""
    if not one["field"]:
        return "field"
    if is_expression(one["pattern"]) and re.search(r"\\[0-9]", one["value"]):
        return "group"
    same = ("dataset", "field", "pattern")
    if any(all(one[name] == other[name] for name in same) for other in later):
        return "replaced"
    return "nothing" if one["pattern"] == one["value"] else ""


def test_each_of_the_311_is_applied_exactly_once_or_refused_with_the_reason(
    corrections: list[dict[str, str]], tmp_path: Path
) -> None:
    assert (len(corrections), sum(is_expression(one["pattern"]) for one in corrections)) == (311, 22)
    declare_packs(tmp_path / "workspace", extends=DEMO)
    (tmp_path / "in").mkdir()
    trial = Trial(tmp_path, {"IN": str(tmp_path / "in")})
    by_dataset: dict[str, list[tuple[int, dict[str, str]]]] = defaultdict(list)
    for number, one in enumerate(corrections):
        by_dataset[one["dataset"].replace("-", "_")].append((number, one))
    for name, found in by_dataset.items():
        prepare(trial, f"planning.{name}", found)
    outcome = trial.run()
    assert outcome.exit_code == 0, outcome.document["datasets"]
    reasons = [refusal(one, corrections[number + 1 :]) for number, one in enumerate(corrections)]
    applied = dict(trial.ledger.read("corrections_applied").select("act_id", "rows").rows())
    assert {str(number): applied.get(str(number), 0) for number in range(311)} == {
        str(number): int(not reason) for number, reason in enumerate(reasons)
    }
    assert {reason: reasons.count(reason) for reason in set(reasons)} == {
        "": 294, "field": 3, "group": 5, "replaced": 6, "nothing": 3,
    }  # fmt: skip
    told = [
        (entry["dataset"], problem["code"]) for entry in outcome.document["datasets"] for problem in entry["problems"]
    ]
    assert [code for _, code in told].count("CORRECTION_PATTERN_INVALID") == 5
    assert ("planning.brownfield_land", "CORRECTION_FIELD_UNKNOWN") in told
    for name, found in by_dataset.items():
        check(trial, f"planning.{name}", found, reasons)


def prepare(trial: Trial, dataset: str, found: list[tuple[int, dict[str, str]]]) -> None:
    """A row for each correction, with a text that it is about, and the corrections in the ledger."""
    fields = sorted({one["field"] for _, one in found} - {""})
    trial.declare(f"datasets/{dataset}", contract(dataset, fields))
    with (trial.root / "in" / f"{dataset}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["number", *fields])
        done = set()
        for number, one in reversed(found):
            text = MATCHED.get(one["pattern"], one["pattern"])
            if one["field"] and (one["field"], text) not in done:
                done.add((one["field"], text))
                writer.writerow([str(number), *(text if name == one["field"] else "—keep—" for name in fields)])
    match: Callable[[str], str] = lambda pattern: "pattern" if is_expression(pattern) else "literal"  # noqa: E731
    values = [
        (str(number), one["field"], match(one["pattern"]), one["pattern"], one["value"] or None)
        for number, one in found
    ]
    correct_values(trial.ledger, dataset, values)


def check(trial: Trial, dataset: str, found: list[tuple[int, dict[str, str]]], reasons: list[str]) -> None:
    """The corrected value stands in the column of its field, and nothing else has changed."""
    fields = sorted({one["field"] for _, one in found} - {""})
    rows = {row["organisation_short_name"]: row for row in trial.standard(dataset).to_dicts()}
    for number, one in found:
        if not reasons[number]:
            texts = [rows[str(number)][f"text_{place}"] for place in range(len(fields))]
            assert texts == [one["value"] or None if name == one["field"] else "—keep—" for name in fields]
