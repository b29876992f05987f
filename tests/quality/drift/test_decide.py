"""What the modes of a contract make of the fields that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from citylake.quality.drift.column_diff import BoundField, ColumnDiff, compare_columns, essential_columns
from citylake.quality.drift.drift_decision import decide_drift
from citylake.quality.drift.rename_proposal import RenameProposal
from citylake.schemas.model.contract import WriteSettings
from citylake.schemas.model.drift_policy import DriftPolicy

NEEDED = {
    "时间": BoundField(("hour_start",), required=True),
    "速度": BoundField(("mean_speed_kmh",)),
    "备注": BoundField(("remark",), optional=True),
}
RENAME = RenameProposal("速度", "车速", 1.0, 1.0)


def modes(
    drift: DriftPolicy, compared: ColumnDiff, renames: Sequence[RenameProposal] = ()
) -> tuple[list[tuple[str, str]], Any]:
    decision = decide_drift(drift, NEEDED, compared, renames, ["时间"])
    return [(finding.kind, finding.mode) for finding in decision.findings], decision


def test_what_is_bound_ignored_or_of_the_files_name_is_no_news() -> None:
    assert compare_columns(NEEDED, {"编号"}, ["编号", "时间", "速度", "新"]) == ColumnDiff(("新",), ("备注",))


def test_the_defaults_report_what_is_new_and_hold_what_is_gone() -> None:
    assert modes(DriftPolicy(), ColumnDiff(("新",), ("速度",)))[0] == [("missing", "hold"), ("added", "report")]


def test_an_optional_field_may_be_gone() -> None:
    assert modes(DriftPolicy(), ColumnDiff((), ("备注",)))[0] == []


def test_a_required_field_is_never_reported_away() -> None:
    found, decision = modes(DriftPolicy(missing="report"), ColumnDiff((), ("时间", "速度")))
    assert found == [("missing", "hold"), ("missing", "report")]
    assert [finding.values["fields"] for finding in decision.findings] == ["时间", "速度"]


def test_a_rename_decides_instead_of_the_two_fields() -> None:
    found, decision = modes(DriftPolicy(renamed="quarantine"), ColumnDiff(("车速",), ("速度",)), [RENAME])
    assert found == [("renamed", "quarantine")]
    assert (decision.gone, decision.absent, decision.unknown) == (("速度",), ("速度",), ())


def test_a_rename_that_is_only_reported_leaves_the_two_fields_to_their_own_modes() -> None:
    found, decision = modes(DriftPolicy(renamed="report", missing="report"), ColumnDiff(("车速",), ("速度",)), [RENAME])
    assert found == [("renamed", "report"), ("missing", "report"), ("added", "report")]
    assert (decision.absent, decision.gone) == (("速度",), ())


def test_an_optional_field_that_was_renamed_is_told() -> None:
    rename = RenameProposal("备注", "备 注", 1.0, 1.0)
    assert modes(DriftPolicy(), ColumnDiff(("备 注",), ("备注",)), [rename])[0] == [("renamed", "hold")]


def test_unreadable_values_cannot_be_reported_away() -> None:
    with pytest.raises(ValueError, match="retyped cannot be report"):
        DriftPolicy(retyped="report")


def test_key_partition_and_validity_are_essential() -> None:
    write = {"mode": "snapshot", "key": ["code"], "valid": {"from": "since", "to": "until"}, "latest_by": "changed_at"}

    class _Contract:
        def __init__(self) -> None:
            self.write = WriteSettings.model_validate(write | {"partition": "day(seen_at)"})

    assert essential_columns(_Contract()) == {"code", "since", "changed_at", "seen_at"}  # type: ignore[arg-type]
