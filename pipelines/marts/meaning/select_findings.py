"""The findings in one SELECT, from what is known of the tables that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from citylake.pipelines.marts.meaning.alike import Likeness, converted_form, frames_differ
from citylake.pipelines.marts.meaning.column_fact import Fact, Finding
from citylake.pipelines.marts.meaning.findings import Findings
from citylake.pipelines.marts.meaning.meaning_walk import MeaningWalk
from citylake.pipelines.marts.meaning.table_facts import TableFacts
from citylake.pipelines.marts.plan.bound_select import BoundSelect
from citylake.pipelines.marts.plan.plan_operators import TableName


def find_faults(
    select: BoundSelect, tables: Callable[[TableName], TableFacts], declared: Mapping[str, Fact]
) -> Iterator[Finding]:
    """Yield the findings in one SELECT. ``tables``: what is known of a table; ``declared``: of columns it returns."""
    findings = Findings(select.sql)
    rows = MeaningWalk(tables, findings).visit(select.plan)
    for name, fact in zip(select.columns, rows.columns, strict=False):
        for suspect in fact.suspects:
            findings.add(suspect)
        if name in declared:
            _check_declared(name, fact, declared[name], findings)
    yield from findings


def _check_declared(name: str, fact: Fact, declared: Fact, findings: Findings) -> None:
    if fact.constant is not None:
        return
    if fact.unit and declared.unit and not fact.unit.agrees(declared.unit):
        suggestion = converted_form(name, fact.unit, declared.unit)
        values = {"column": name, "derived": fact.unit.text, "declared": declared.unit.text}
        values |= {"suggestion": suggestion}
        findings.add(findings.fault("UNIT_DIFFERS", findings.column_line(name), **values))
    if frames_differ(fact, declared):
        Likeness(findings).frames(fact, declared, findings.column_line(name))
    if fact.label and declared.label and fact.label != declared.label:
        Likeness(findings).check([fact, declared], lambda: findings.column_line(name), labels=True)
