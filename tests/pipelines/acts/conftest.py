"""A department whose rows were refused."""

from __future__ import annotations

import pytest

from tests.kept_folder import KeptFolder
from tests.pipelines.acts.people import Bureau

ROWS = (
    ("1", "东城", "1234", "5", "ok"),
    ("2", "待核实", "1234", "5", "=cmd|' /C calc'!A0"),
    ("3", "待核实", "5678", "many", "@SUM(A1)"),
    ("4", "经开区", "9012", "7", "+1+1"),
    ("5", "东城", "99887", "7000", "http://example.org"),
)


@pytest.fixture
def bureau(kept: KeptFolder) -> Bureau:
    """Five visits: one is good, 2 to 5 are refused (3 and 5 for two fields each)."""
    kept.restore(lambda: Bureau(kept.root).deliver(ROWS))
    return Bureau(kept.root)
