"""Messages of the device platform: JSON behind a cursor, times in milliseconds, an alarm told twice while it lasts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.utilities.alarm_story import DARK, OPEN, TILT, ComponentAlarm, component_alarms
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.serve.city_data import CityData

MESSAGES_FILE = "files/utilities/messages.json"
_EVENTS = {OPEN: ("COVER_OPEN", "COVER_CLOSE"), TILT: ("TILT", "TILT_END"), DARK: ("LAMP_OFF", "LAMP_ON")}
_LOCAL = timezone(timedelta(hours=8))
_TOLD_AGAIN = timedelta(minutes=15)
_MOST_ROWS = 500


def generate_messages(city: City) -> PlantedBatch:
    """Every message, in the order in which the platform received it."""
    batch = PlantedBatch("utilities.component_alarms", ("seq", "dev"), city.random("alarm messages"))
    received = sorted(_messages(city, batch.rng), key=lambda message: message[0])
    for number, (_, fields) in enumerate(received, 1):
        batch.add("", {"seq": f"{70_000_000 + number}", **fields})
    _spoil(batch)
    return batch


def write_messages_file(batch: PlantedBatch, folder: Path) -> None:
    """Write all messages as one JSON list; the service splits it into pages."""
    (folder / MESSAGES_FILE).write_text(json.dumps(batch.of(""), ensure_ascii=False, indent=0), encoding="utf-8")


def message_routes(held: CityData) -> list[Route]:
    """``/iot/messages?after=SEQ&size=N``: messages after a cursor, and the cursor of the next page."""

    def messages(request: Request) -> Response:
        try:
            after, size = int(request.query_params.get("after", 0)), int(request.query_params.get("size", 100))
        except ValueError:
            raise HTTPException(400, "after and size are numbers") from None
        rows = held.records(MESSAGES_FILE)
        upto = after + min(size, _MOST_ROWS)
        more = upto if upto < len(rows) else None
        return JSONResponse({"ok": True, "count": len(rows), "next": more, "items": rows[after:upto]})

    return [Route("/iot/messages", messages)]


def _messages(city: City, rng: Random) -> Iterator[tuple[datetime, RecordFields]]:
    end = city.at(city.hours)
    for alarm in component_alarms(city):
        begins, ends = _EVENTS[alarm.kind]
        again = alarm.began_at + _TOLD_AGAIN
        yield _message(rng, alarm, begins, alarm.began_at)
        if again < min(alarm.ended_at or end, end):
            yield _message(rng, alarm, begins, again)
        if alarm.ended_at:
            yield _message(rng, alarm, ends, alarm.ended_at)


def _message(rng: Random, alarm: ComponentAlarm, event: str, at: datetime) -> tuple[datetime, RecordFields]:
    """A message, and when the platform received it: up to an hour late, so that messages overtake each other."""
    late = timedelta(seconds=rng.choice((1, 1, 2, 5, 60, 3600)))
    return at + late, {
        "dev": alarm.component.device_no,
        "obj": alarm.component.code,
        "evt": event,
        "ts": f"{round(at.replace(tzinfo=_LOCAL).timestamp() * 1000)}",
        "tilt": f"{rng.uniform(6, 20):.1f}" if event == "TILT" else None,
        "bat": f"{rng.randint(20, 100)}",
    }


def _spoil(batch: PlantedBatch) -> None:
    """Some messages are sent again under another number, and the faults are in these: no true alarm is lost."""
    for record in batch.records:
        record.spoiled = True
    sample = batch.rng.sample(batch.records, 80)
    for number, record in enumerate(sample, 1):
        batch.add("", {**record.fields, "seq": f"{79_000_000 + number}"})
    batch.plant("no time", "EPOCH_IMPLAUSIBLE", 4, replace_field("ts", "0", "-1"))
    batch.plant("an event that no list has", "CODE_UNKNOWN", 3, replace_field("evt", "SELF_TEST", "REBOOT"))
    batch.plant("no component", "REQUIRED_MISSING", 3, replace_field("obj", None))
    batch.plant("more charge than a battery has", "VALUE_OUT_OF_RANGE", 3, replace_field("bat", "255"))
    batch.plant("a tilt that is no number", "VALUE_UNREADABLE", 3, _broken_tilt)
    batch.plant("a tilt without its angle", "TILT_WITHOUT_ANGLE", 3, _angleless)


def _broken_tilt(fields: RecordFields, _: Random) -> None:
    fields["evt"], fields["tilt"] = "TILT", "NaN°"


def _angleless(fields: RecordFields, _: Random) -> None:
    fields["evt"], fields["tilt"] = "TILT", None
