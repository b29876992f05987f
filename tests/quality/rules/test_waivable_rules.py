"""Which reasons a release can pass."""

from __future__ import annotations

from citylake.quality.rules.waivable_rules import unwaivable_reasons, waivable
from citylake.schemas.model.contract import Contract

CONTRACT = Contract.model_validate(
    {
        "dataset": "t.x",
        "title": {"zh": "题", "en": "title"},
        "owner": {"department": "局"},
        "source": {"connector": "files", "path": "x.csv", "format": "csv"},
        "fields": {"v": {"element": "traffic.mean_speed"}, "u": {"element": "traffic.flow"}},
        "write": {"mode": "append"},
        "rules": [
            {"issue": "FLOW_WITHOUT_SPEED", "when": "flow > 0"},
            {"issue": "CODE_UNKNOWN", "when": "flow > 1"},
            {"issue": "SPEED_REFUSED", "when": "flow > 2", "refuse": ["mean_speed_kmh"]},
        ],
    }
)


def test_rules_over_values_that_could_be_read_can_be_waived_and_so_can_the_contracts_own() -> None:
    assert waivable("VALUE_OUT_OF_RANGE", CONTRACT)
    assert waivable("PLACE_SWAPPED", CONTRACT)
    assert waivable("FLOW_WITHOUT_SPEED", CONTRACT)


def test_what_the_table_could_not_hold_cannot_be_waived_whatever_a_contract_names_its_rules() -> None:
    codes = ["REQUIRED_MISSING", "VALUE_OUT_OF_RANGE", "VALUE_UNREADABLE", "CODE_UNKNOWN", "KEY_DUPLICATE"]
    assert unwaivable_reasons(codes, CONTRACT) == [
        "REQUIRED_MISSING", "VALUE_UNREADABLE", "CODE_UNKNOWN", "KEY_DUPLICATE",
    ]  # fmt: skip
    assert unwaivable_reasons(["FLOW_WITHOUT_SPEED"], CONTRACT) == []
    assert not waivable("SPEED_REFUSED", CONTRACT)
