"""A condition of a rule is about its row: it reads no file, whatever SQL it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.quality.rules.contract_rules import contract_rules
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError


@pytest.mark.parametrize(
    "condition",
    [
        "(SELECT count(*) FROM read_csv('{file}')) > 0",
        "a IN (SELECT x FROM read_csv('{file}'))",
        "a = 1) UNION SELECT (1 = 1",
    ],
)
def test_a_condition_with_a_select_is_refused(tmp_path: Path, condition: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("x\n1\n")
    words = {"zh": "题", "en": "title"}
    rule = {"issue": "OUTSIDE", "when": condition.format(file=file), "severity": "error", "text": words}
    contract = Contract.model_validate(
        {
            "dataset": "a.b",
            "title": words,
            "owner": {"department": "x"},
            "source": {"connector": "files", "path": "x", "format": "csv"},
            "fields": {"a": {"element": "traffic.flow"}},
            "write": {"mode": "append"},
            "rules": [rule],
        }
    )
    with pytest.raises(CitylakeError) as refused:
        list(contract_rules(contract, ["a"], {}))
    assert refused.value.code == "RULE_UNREADABLE"
