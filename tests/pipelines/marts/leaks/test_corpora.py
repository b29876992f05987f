"""Nobody is published: not by any of the models that try to, and no honest model is refused."""

from __future__ import annotations

import pytest

from citylake.pipelines.marts.leaks.leak_gate import check_leaks
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.schemas.lint.lint_finding import build_finding

from .conftest import models


@pytest.mark.parametrize("name", sorted(models("smuggling")))
def test_what_would_publish_a_person_is_refused(binder: MartBinder, name: str) -> None:
    mart = f"smuggling_{name}"
    assert not binder.bind_mart(mart).faults, "only what runs is a smuggler"
    codes = {fault.code for fault in check_leaks(binder, [mart])}
    assert codes
    wanted = models("smuggling")[name].get("code")
    assert wanted is None or wanted in codes


@pytest.mark.parametrize("name", sorted(models("honest")))
def test_what_publishes_nobody_passes(binder: MartBinder, name: str) -> None:
    mart = f"honest_{name}"
    assert not binder.bind_mart(mart).faults
    assert [build_finding(each, each.line or 1).say("en") for each in check_leaks(binder, [mart])] == []


def test_the_corpora_are_large_enough() -> None:
    assert min(len(models("smuggling")), len(models("honest"))) >= 60
