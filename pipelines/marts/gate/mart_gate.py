"""The gate of a mart: all that its SELECTs must hold, and what their authors allow, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from citylake.pipelines.marts.gate.allowances import Allowance, read_allowances
from citylake.pipelines.marts.gate.column_types import CheckedTable, check_types
from citylake.pipelines.marts.gate.spark_select import check_spark
from citylake.pipelines.marts.leaks.leak_gate import check_leaks
from citylake.pipelines.marts.meaning.check_meaning import check_meaning
from citylake.pipelines.marts.meaning.findings import ALLOWANCE_WORDS
from citylake.pipelines.marts.plan.mart_binder import BoundMart, MartBinder
from citylake.schemas.lint import locate_faults
from citylake.schemas.lint.lint_finding import LintFault, LintFinding
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.words.errors import CitylakeError

ALLOW_WORDS: Final[Mapping[str, str]] = {
    "MART_CAST_LOSSY": "CAST",
    "MART_CAST_IMPLICIT": "CAST",
    **ALLOWANCE_WORDS,
}
"""Issue type → the word that allows it. What is not here cannot be allowed."""


@dataclass(frozen=True, slots=True)
class AllowedFinding:
    """A finding that the author of a SELECT has judged."""

    finding: LintFinding
    word: str
    why: str


@dataclass(slots=True)
class GateResult:
    """``findings``: by file and line; ``allowed``: those that an author allows."""

    findings: list[LintFinding] = field(default_factory=list)
    allowed: list[AllowedFinding] = field(default_factory=list)

    def extend(self, other: GateResult) -> None:
        """Add what another check found, each finding once: several marts may have the same one."""
        seen = {each.say("en") for each in self.findings}
        for each in other.findings:
            if (text := each.say("en")) not in seen:
                seen.add(text)
                self.findings.append(each)
        self.allowed += other.allowed

    @property
    def errors(self) -> list[LintFinding]:
        """The findings that stop the mart."""
        return [each for each in self.findings if each.severity == "error"]


class MartGate:
    """The gate of a registry's marts. It starts DuckDB, without data, with the first mart."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.binder = MartBinder(registry)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.binder.__exit__()

    def check(self, marts: Iterable[str]) -> GateResult:
        """Return what the SELECTs of ``marts`` do not hold. What lint finds without DuckDB is not repeated."""
        found = GateResult()
        for mart in marts:
            try:
                bound = self.binder.bind_mart(mart)
            except CitylakeError:
                continue
            self._judge(bound, found)
        return found

    def require(self, mart: str) -> GateResult:
        """Return what the author allows. Raises MART_REFUSED with the first finding that stops the mart."""
        found = self.check([mart])
        if found.errors:
            first = {language: found.errors[0].say(language) for language in ("zh", "en")}
            raise CitylakeError("MART_REFUSED", mart=mart, fault=first, count=len(found.errors))
        return found

    def _judge(self, bound: BoundMart, found: GateResult) -> None:
        written = {bound.plans[name].file: list(read_allowances(each.sql)) for name, each in bound.bound.items()}
        used: set[tuple[object, int]] = set()
        for finding in locate_faults(self._faults(bound)):
            word = ALLOW_WORDS.get(finding.code, "")
            given = next((each for each in written.get(finding.path, ()) if each.covers(word, finding.line)), None)
            if given is None:
                found.findings.append(finding)
            else:
                used.add((finding.path, given.line))
                found.allowed.append(AllowedFinding(finding, word, given.why))
        unused = ((path, each) for path, all_of in written.items() for each in all_of if (path, each.line) not in used)
        found.findings += locate_faults(_judge_allowance(YamlLocation(path), each) for path, each in unused)

    def _faults(self, bound: BoundMart) -> Iterator[LintFault]:
        for name, error in bound.faults.items():
            file = bound.plans[name].file
            values = {"file": file.name, "reason": error.reason}
            yield LintFault("MART_SQL_UNBOUND", YamlLocation(file), values, error.line)
        for number, error in bound.unbound_questions.items():
            place = sub_location(self._registry.places["mart", bound.mart.mart], "questions", number, "sql")
            values = {"question": bound.mart.questions[number].id, "reason": error.reason}
            yield LintFault("MART_QUESTION_UNBOUND", place, values)
        for name, select in bound.bound.items():
            table = CheckedTable(name, bound.mart.tables[name], bound.plans[name], select)
            yield from check_types(table, self._registry)
            yield from check_spark(table, bound.mart, self.binder)
        yield from check_meaning(bound, self.binder)
        yield from check_leaks(self.binder, [bound.mart.mart])


def _judge_allowance(place: YamlLocation, given: Allowance) -> LintFault:
    known = sorted(set(ALLOW_WORDS.values()))
    if not given.why or given.word not in known:
        values = {"word": given.word, "known": ", ".join(known)}
        return LintFault("MART_ALLOW_FAULTY", place, values, given.line)
    return LintFault("MART_ALLOW_UNUSED", place, {"word": given.word}, given.line)
