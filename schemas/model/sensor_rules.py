"""Rules for datasets that are series of sensors: which columns make the series, and what each test takes for a fault.

Every default holds for every dataset. Where no source is named, the value is citylake's own choice
(``docs/decisions/0042-sensor-rules.md``).
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.base.declaration import ColumnName, Declaration, Duration, Identifier

CheckSeverity = Literal["error", "warning"]


class SensorTest(Declaration):
    """One test. ``error``: a finding holds the batch."""

    severity: CheckSeverity = "warning"


class StuckTest(SensorTest):
    """The same value in reading after reading. Readings of 0 are the matter of ``zero``.

    A run of at least ``readings`` (the five of QARTOD's flat line test) is a finding if the repeats that the sensor
    shows outside of the run make it rarer than once in ``rarer_than`` readings.
    """

    readings: int = Field(5, ge=3)
    rarer_than: int = Field(1_000_000, ge=100)


class JumpTest(SensorTest):
    """A step far beyond the sensor's usual steps, to a value far beyond its usual ones and those of the hour of day.

    ``factor``: in standard deviations, as estimated from medians and quartiles.
    """

    factor: float = Field(5.0, ge=2)
    readings: int = Field(24, ge=8)
    """Least number of readings of a sensor; with fewer, nothing is usual yet."""


class ZeroTest(SensorTest):
    """A missing value that was written as 0.

    ``share``: columns in which more of the usual sensor's readings are 0 are not judged.
    """

    share: float = Field(0.2, gt=0, lt=1)


class SilentTest(SensorTest):
    """A sensor without readings for ``intervals`` of its usual interval while at least half of the others report."""

    intervals: int = Field(6, ge=2)
    sensors: int = Field(5, ge=3)
    """Least number of sensors among which one can be silent."""


class PairTest(SensorTest):
    """Two values of one row that cannot be true together: the pairs of the packs and those of the contract."""

    tolerance: float = Field(0.1, ge=0, lt=1)
    """By what share the lesser value may exceed the greater one: both are measured."""


class SiblingTest(SensorTest):
    """Sensors of one element that are near each other, in the same hour.

    A finding: for ``hours`` on end, the sensor's distance to the median of its siblings is beyond ``factor`` standard
    deviations of its usual distance. Siblings are the sensors within ``radius_km``, or those with the same ``group``.
    """

    radius_km: float = Field(5.0, gt=0, le=100)
    group: ColumnName | None = None
    factor: float = Field(6.0, ge=2)
    hours: int = Field(3, ge=1)
    siblings: int = Field(3, ge=2)
    """Least number of siblings with a value in the hour."""


class SensorTests(Declaration):
    """The tests; ``false`` switches one off."""

    stuck: StuckTest | Literal[False] = StuckTest()
    jump: JumpTest | Literal[False] = JumpTest()
    zero: ZeroTest | Literal[False] = ZeroTest()
    silent: SilentTest | Literal[False] = SilentTest()
    pairs: PairTest | Literal[False] = PairTest()
    siblings: SiblingTest | Literal[False] = SiblingTest()


class ValuePair(Declaration):
    """``lesser`` is never above ``greater``; or while ``zero`` is 0, so is ``then_zero``.

    Standard columns in a contract; elements in the ``pairs`` of a pack or a workspace.
    """

    lesser: Identifier | None = None
    greater: Identifier | None = None
    zero: Identifier | None = None
    then_zero: Identifier | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = tuple(name for name in ("lesser", "greater", "zero", "then_zero") if getattr(self, name))
        if given not in (("lesser", "greater"), ("zero", "then_zero")):
            raise ValueError("a pair has either lesser and greater, or zero and then_zero")
        return self

    @property
    def names(self) -> tuple[str, str]:
        """The two names, in the order of the pair."""
        return self.lesser or self.zero or "", self.greater or self.then_zero or ""


class SensorRules(Declaration):
    """Which columns make the series. What is not declared follows from the key and the elements."""

    entity: tuple[ColumnName, ...] = ()
    """The columns that name a sensor; by default those of the key but ``time``."""
    time: ColumnName | None = None
    """By default the only date and time of the key."""
    values: tuple[ColumnName, ...] = ()
    """The measured columns; by default those whose element is a quantity, a percentage or a ratio."""
    history: Duration = "28d"
    """How much of the standard table before the batch counts as usual."""
    pairs: tuple[ValuePair, ...] = ()
    tests: SensorTests = SensorTests()
