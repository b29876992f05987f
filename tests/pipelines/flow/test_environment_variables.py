"""A credential of the environment never reaches the lake through a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.declared import declare_packs, device_counts
from tests.trial import Trial

DATASET, SECRET = "traffic.counts", "hush-5f1e0c"


@pytest.mark.parametrize("variable", ["AWS_SECRET_ACCESS_KEY", "CITYLAKE_CONN_CITY"])
def test_it_is_in_no_receipt_log_or_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, variable: str
) -> None:
    monkeypatch.setenv(variable, SECRET)
    trial = Trial(tmp_path)
    declare_packs(tmp_path / "workspace")
    trial.declare("datasets/counts", device_counts(DATASET, f"in/${{{variable}}}/*.csv"))
    outcome = trial.run()
    (problem,) = trial.dataset(outcome, DATASET)["problems"]
    assert problem["code"] in ("VARIABLE_NOT_NAMED", "VARIABLE_SECRET")
    assert variable in problem["text"]["zh"]
    assert outcome.exit_code == 2
    written = [path.read_bytes() for path in (tmp_path / "lake").rglob("*") if path.is_file()]
    assert written
    assert not any(SECRET.encode() in body for body in written)
    assert SECRET not in caplog.text
