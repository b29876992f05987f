# ruff: noqa: E501 (a row a fault)
"""Faults of the words about refused values and filtered rows, each with its line and what to write instead."""

from pathlib import Path
from typing import Any

import pytest

from citylake.schemas.lint import lint_workspace

CONTRACT = "datasets/traffic/detector.yaml"
RULE = "  - issue: TOO_FAST_FOR_A_COACH\n"
HISTORY = "write: {mode: snapshot, key: [site_code], effective: EFFECTIVE}\nfields:\n  x: {element: traffic.kind, as: valid_to}\n"
WRITE = "write: {mode: upsert, key: [site_code, hour_start], partition: day(hour_start)}\nfields:\n"

FAULTS = [
    ("place.site_code, required: true", "place.site_code, required: true, refuse: value", "REFUSED_VALUE_NEEDED", "设备", "refuse: row"),
    ("    label: end", "    label: end\n    refuse: value", "REFUSED_VALUE_NEEDED", "refuse: value", "refuse: row"),
    (RULE, f"{RULE}    refuse: [hour_start]\n", "REFUSED_VALUE_NEEDED", "refuse: [hour", "mean_speed_kmh"),
    (RULE, f"{RULE}    refuse: [speed]\n", "COLUMN_UNKNOWN", "refuse: [speed]", "mean_speed_kmh"),
    (RULE, f"{RULE}    severity: warning\n    refuse: [mean_speed_kmh]\n", "DECLARATION_INCONSISTENT", "issue: TOO_FAST", ""),
    ("pair: 纬度", "pair: 纬度, refuse: value", "PAIR_REFUSED_APART", "  经度", "refuse: value"),
    ("    unit: m/s", "    unit: m/s\n    refuse: cell", "VALUE_NOT_ALLOWED", "refuse: cell", "value"),
    ("    unit: m/s", "    unit: m/s\n    flag: {from: q, refused: [N]}", "KEY_UNKNOWN", "flag:", "refuse"),
    ("    unit: m/s", "    unit: m/s\n    flag: {from: q}", "DECLARATION_INCONSISTENT", "flag:", ""),
    ("    unit: m/s", "    unit: m/s\n    flag: {from: q, accept: [V], refuse: [V]}", "DECLARATION_INCONSISTENT", "flag:", ""),
    ("    unit: m/s", "    unit: m/s\n    flag: {from: q, refuse: [N]}\n  q: {element: traffic.kind, as: mean_speed_kmh_flag}", "COLUMN_TWICE", "  q:", "as:"),
    (WRITE, HISTORY.replace("EFFECTIVE", "hour_start"), "INTERVAL_COLUMN_TAKEN", "as: valid_to", "as: source_valid_to"),
    (WRITE, HISTORY.replace("EFFECTIVE", "valid_to"), "INTERVAL_COLUMN_TAKEN", "as: valid_to", "as: register_day"),
    ("references:", "where: {kind: {pattern: '[a-'}}\nreferences:", "PATTERN_UNREADABLE", "where:", ""),
    ("references:", "where: {kind: {pattern: '^(?!x)'}}\nreferences:", "PATTERN_UNREADABLE", "where:", ""),
    ("references:", "where: {kind: {patern: x}}\nreferences:", "KEY_UNKNOWN", "where:", "pattern"),
    ("references:", "where: {kind: {}}\nreferences:", "DECLARATION_INCONSISTENT", "where:", ""),
    ("references:", "reshape: [{padding: {month: '{m}', day: d, values: []}}]\nreferences:", "VALUE_MALFORMED", "reshape:", ""),
    ("references:", "reshape: [{pivot: {keys: [a], on: b, value: {v: x}, columns: [c]}}]\nreferences:", "DECLARATION_INCONSISTENT", "reshape:", ""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "line", "suggestion"), FAULTS, ids=[f"{f[2]}-{i}" for i, f in enumerate(FAULTS)])  # fmt: skip
def test_each_fault_of_a_refusal_is_told_at_its_line(
    broken: Any, clean: Path, old: str, new: str, code: str, line: str, suggestion: str
) -> None:
    found = [each for each in broken(CONTRACT, old, new) if each.code == code]
    assert found, [each.say("en") for each in lint_workspace(clean)]
    lines = (clean / CONTRACT).read_text(encoding="utf-8").splitlines()
    assert found[0].line == next(number for number, text in enumerate(lines, 1) if line in text)
    assert suggestion in found[0].suggestion


def test_flags_and_refused_values_are_clean(broken: Any) -> None:
    flagged = "    unit: m/s\n    refuse: value\n    flag: {from: q, accept: [V], refuse: [N]}"
    assert broken(CONTRACT, "    unit: m/s", flagged) == []
    assert broken(CONTRACT, "> 120 AND", "> 120 AND mean_speed_kmh_flag = 'V' AND") == []
    assert broken(CONTRACT, "references:", "where: {kind: [1, a], sort: {not: ['']}}\nreferences:") == []


def test_what_a_row_has_only_after_its_rules_is_no_column_of_a_rule(broken: Any) -> None:
    found = broken(CONTRACT, "> 120 AND", "> 120 AND _refused IS NULL AND")
    assert "_refused" in [each.values.get("column") for each in found if each.code == "RULE_COLUMN_UNKNOWN"]
