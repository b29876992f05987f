"""Daily reports of the communities, in a front-end database of the districts: columns that control the exchange."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.communities import COMMUNITIES, Community, division_change_day
from citylake.infra.city.domains.divisions.division_history import community_code_on, is_recoded
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, poisson_number, replace_field

DATABASE_FILE = "files/divisions/front_end.sqlite"
_COLUMNS = ("BATCH_NO", "OPT_FLAG", "SYNC_FLAG", "UPDATE_TIME", "RQ", "SQDM", "ZFHS", "YHS", "ZGS")
_CORRECTED = 12


def generate_reports(city: City) -> PlantedBatch:
    """A report a community and day, by the code of that day; some are corrected later."""
    batch = PlantedBatch("grid.community_reports", ("RQ", "SQDM", "UPDATE_TIME"), city.random("reports"))
    for day in city.dates:
        for community in COMMUNITIES:
            batch.add("", _fields(city, batch.rng, community, day))
    _spoil(city, batch)
    return batch


def write_front_end_database(batch: PlantedBatch, folder: Path) -> None:
    """Write the table ``sq_rb`` of the front-end database, anew each time; every row waits to be taken."""
    file = folder / DATABASE_FILE
    file.unlink(missing_ok=True)
    rows = [[fields[name] for name in _COLUMNS] for fields in batch.of("")]
    with closing(sqlite3.connect(file)) as connection, connection:
        columns = ", ".join(f"{name} TEXT" for name in _COLUMNS)
        connection.execute(f"CREATE TABLE sq_rb ({columns})")
        connection.executemany(f"INSERT INTO sq_rb VALUES ({', '.join('?' * len(_COLUMNS))})", rows)


def front_end_connection(folder: Path) -> dict[str, str]:
    """The connection ``district_front_end``: a file here, and a server in a real city."""
    return {"CITYLAKE_CONN_DISTRICT_FRONT_END": json.dumps({"uri": f"sqlite:///{folder / DATABASE_FILE}"})}


def _fields(city: City, rng: Random, community: Community, day: date) -> RecordFields:
    households = community.residents / 2.7
    hour = 24 * (day - city.start).days + 12
    found = poisson_number(rng, 1.6 + 0.4 * city.recent_rain_mm(community.district, hour))
    return {
        "BATCH_NO": f"{day:%Y%m%d}01",
        "OPT_FLAG": "I",
        "SYNC_FLAG": "0",
        "UPDATE_TIME": f"{day:%Y-%m-%d} 18:{rng.randrange(60):02d}:{rng.randrange(60):02d}",
        "RQ": day.isoformat(),
        "SQDM": community_code_on(city, community, day),
        "ZFHS": f"{round(households * rng.uniform(0.01, 0.04))}",
        "YHS": f"{found}",
        "ZGS": f"{rng.randint(found // 2, found)}",
    }


def _spoil(city: City, batch: PlantedBatch) -> None:
    batch.plant("a number in words", "VALUE_UNREADABLE", 4, replace_field("ZFHS", "若干", "未统计"))
    batch.plant("a community that no list has", "CODE_UNKNOWN", 4, replace_field("SQDM", "990107001001"))
    batch.plant("no community", "REQUIRED_MISSING", 3, replace_field("SQDM", None))
    batch.plant("more hazards fixed than found", "MORE_FIXED_THAN_FOUND", 4, replace_field("ZGS", "99"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 3, replace_field("RQ", "2026-02-31"))
    for record, former in list(_late_adopters(city, batch)):
        record_fields = {**record, "SQDM": former}
        batch.note("a code that is gone", "CODE_NOT_VALID", batch.add("", record_fields))
    _correct(batch)


def _late_adopters(city: City, batch: PlantedBatch) -> Iterator[tuple[RecordFields, str]]:
    """On two days after the change, some communities still report by their old codes as well."""
    changed = division_change_day(city)
    by_code = {community.code: community for community in COMMUNITIES if is_recoded(community)}
    for record in batch.records:
        community = by_code.get(record.fields["SQDM"] or "")
        if community and record.fields["RQ"] == (changed + timedelta(days=1)).isoformat():
            yield record.fields, community_code_on(city, community, city.start)


def _correct(batch: PlantedBatch) -> None:
    """Some communities report again on the next day: the newer row counts."""
    clean = [record for record in batch.records if not record.spoiled]
    for record in batch.rng.sample(clean, _CORRECTED):
        again = {**record.fields, "OPT_FLAG": "U", "BATCH_NO": f"{record.fields['BATCH_NO']}C"}
        day = date.fromisoformat(record.fields["RQ"] or "") + timedelta(days=1)
        again |= {"YHS": f"{int(record.fields['YHS'] or 0) + 2}", "UPDATE_TIME": f"{day} 09:00:00"}
        record.spoiled, record.good = True, False
        batch.add("", again).spoiled = True
        batch.superseded += 1
