"""What the marts of devices and schools must answer: from the true outages, and from the records that are good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.security.field_devices import gate_code, gated_schools, school_hours
from citylake.infra.city.domains.security.outages import true_outages
from citylake.infra.city.generate.plant_faults import PlantedBatch


def outages_over_an_hour(city: City, _: Mapping[str, PlantedBatch]) -> int:
    """The outages that lasted an hour or more."""
    return sum(outage.minutes(city) >= 60 for outage in true_outages(city))


def visitors_out_of_hours(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Visitors who came in when the school was closed: at weekends, before it opens, from its closing on."""
    hours = {gate_code(school): school_hours(school) for school in gated_schools()}
    found = 0
    for record in batches["security.gate_entries"].records:
        if record.good:
            opens, closes = hours[record.fields["gate"] or ""]
            start = datetime.fromisoformat(record.fields["period_end"] or "") - timedelta(minutes=15)
            if start.weekday() >= 5 or not opens <= f"{start:%H:%M}" < closes:
                found += int(record.fields["fk"] or 0)
    return found
