"""The document of a run does not depend on which thread counted first."""

from __future__ import annotations

from citylake.pipelines.flow.run_document import rank_issues


def test_reasons_of_equally_many_rows_are_in_the_order_of_their_codes() -> None:
    counted = {"REQUIRED_MISSING": 3, "CHECK_DIGIT_WRONG": 6, "KEY_DUPLICATE": 3, "CODE_UNKNOWN": 3}
    ranked = ["CHECK_DIGIT_WRONG", "CODE_UNKNOWN", "KEY_DUPLICATE", "REQUIRED_MISSING"]
    assert [code for code, _ in rank_issues(counted)] == ranked
    assert rank_issues(dict(reversed(counted.items()))) == rank_issues(counted)
