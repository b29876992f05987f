"""What a usual run of the tests asks is spread over all cases; a thorough one asks all."""

from __future__ import annotations

import pytest

from tests import thorough


def test_a_usual_run_asks_cases_from_the_first_to_near_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thorough, "THOROUGH", False)
    assert thorough.spread(range(10), 4) == [0, 2, 5, 7]
    assert thorough.spread("abc", 5) == ["a", "b", "c"]
    assert thorough.examples(3, 30) == 3


def test_a_thorough_run_asks_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thorough, "THOROUGH", True)
    assert thorough.spread(range(10), 4) == list(range(10))
    assert thorough.examples(3, 30) == 30
