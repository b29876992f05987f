"""The nowcast in exact fractions: how many cases of the last week are to be expected once every report is in.

The delay is estimated from the newest reports as well, by the reverse-time hazard of Lawless, "Adjustments for
reporting delays and the prediction of occurred but not reported events", Canadian Journal of Statistics 22 (1994): the
same as the chain ladder of actuaries over the triangle of days of onset and days of delay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.health.epidemic import LONGEST_DELAY_DAYS, last_day
from citylake.infra.city.generate.plant_faults import PlantedBatch

Report = tuple[date, int]
"""The day of onset, and the days until the report."""


def expected_last_week(city: City, batches: Mapping[str, PlantedBatch]) -> int:
    """The cases with onset in the last seven days that are expected in the end."""
    reports = delivered_reports(batches["health.notifiable_cases"])
    newest = last_day(city)
    expected = expected_cases(reports, newest)
    week = (expected.get(newest - timedelta(days=back), Fraction(0)) for back in range(7))
    return round(sum(Fraction(round(float(each), 2)) for each in week))


def delivered_reports(batch: PlantedBatch) -> list[Report]:
    """Onset and delay of each report that must reach the standard table."""
    good = (record.fields for record in batch.records if record.good)
    return [_report(fields["发病日期"] or "", fields["报告时间"] or "") for fields in good]


def expected_cases(reports: Sequence[Report], newest: date) -> dict[date, Fraction]:
    """Day of onset → the cases to be expected, from the reports up to the day ``newest``."""
    shares = shares_reported(reports, newest)
    reported = Counter(onset for onset, _ in reports)
    return {day: count / shares[min((newest - day).days, LONGEST_DELAY_DAYS)] for day, count in reported.items()}


def shares_reported(reports: Sequence[Report], newest: date) -> dict[int, Fraction]:
    """Days since the onset → the share of the cases that is reported by then."""
    share, found = Fraction(1), {}
    for delay in range(LONGEST_DELAY_DAYS, -1, -1):
        found[delay] = share
        until = newest - timedelta(days=delay)
        known = sum(1 for onset, days in reports if onset <= until and days <= delay)
        if known:
            share *= 1 - Fraction(sum(1 for _, days in reports if days == delay), known)
    return found


def _report(onset: str, reported: str) -> Report:
    fell_ill = date.fromisoformat(onset.replace(".", "-"))
    return fell_ill, (date.fromisoformat(reported[:10].replace("/", "-")) - fell_ill).days
