"""The settings of the connector ``openaq``."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from citylake.schemas.model.formats import AnyFormat, JsonFormat
from citylake.schemas.model.source.http_base import HttpBase
from citylake.schemas.model.source.source_base import is_json_document

OpenaqSeries = Literal[
    "measurements",
    "measurements/hourly",
    "measurements/daily",
    "hours",
    "hours/daily",
    "hours/monthly",
    "hours/yearly",
    "days",
    "days/monthly",
    "days/yearly",
    "years",
]
OpenaqRegister = Literal[
    "locations",
    "sensors",
    "latest",
    "parameters",
    "countries",
    "providers",
    "owners",
    "instruments",
    "manufacturers",
    "licenses",
]
OPENAQ_REGISTERS: tuple[str, ...] = get_args(OpenaqRegister)


class OpenaqSource(HttpBase):
    """One resource of OpenAQ v3: a time series of sensors, or a register. The key (``X-API-Key``) is the connection's.

    A series is asked for by ``sensors``, or by ``locations``, whose sensors are listed first; every sensor is a fetch
    of its own, named ``sensors/<id>/<resource>`` or ``locations/<id>/sensors/<id>/<resource>``: its rows do not tell
    whose they are, ``name_fields`` does. Of ``locations``, only the sensors of ``parameters`` are taken where any are
    given: ids, for a parameter is a substance with its unit (``co`` in ppm and in µg/m³ are two).

    ``latest`` is asked for by ``locations`` or ``parameters``, ``sensors`` by ``locations``, the other registers as a
    whole; ``params`` narrows what is asked (``bbox``, ``iso``, ``parameters_id`` …).
    """

    connector: Literal["openaq"]
    url: str = "https://api.openaq.org/v3"
    format: AnyFormat = JsonFormat(records="results")
    resource: OpenaqSeries | OpenaqRegister
    sensors: tuple[int, ...] = ()
    locations: tuple[int, ...] = ()
    parameters: tuple[int, ...] = ()
    params: dict[str, str | int] = {}
    since: str | None = None
    """The instant, with its zone, after which periods are asked for at first; later pulls go on from what came."""
    until: str | None = None
    """The instant, with its zone, up to which periods are asked for; the run's start where not given."""
    overlap_s: int = Field(86_400, ge=0)
    """How far each pull of a series reaches back, s, beside one of its periods: values come late and are corrected."""
    page_size: int = Field(1000, ge=1, le=1000)
    max_pages: int = Field(10_000, gt=0)

    @property
    def is_series(self) -> bool:
        """Whether rows are periods of sensors."""
        return self.resource not in OPENAQ_REGISTERS

    def resource_path(self) -> str:
        """The resource."""
        return self.resource

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not is_json_document(self.format):
            raise ValueError("OpenAQ answers with JSON documents")
        given = {name for name in ("sensors", "locations", "parameters") if getattr(self, name)}
        needs, allowed = _parameters_of(self.resource, series=self.is_series)
        if needs and not given & needs:
            raise ValueError(f"{self.resource} needs {' or '.join(sorted(needs))}")
        if given - allowed:
            raise ValueError(f"{self.resource} is not asked for by {', '.join(sorted(given - allowed))}")
        if "parameters" in given and self.is_series and "locations" not in given:
            raise ValueError("parameters choose among the sensors of locations")
        return self

    @model_validator(mode="after")
    def _instants_have_zones(self) -> Self:
        for name in ("since", "until"):
            told = getattr(self, name)
            # The service reads a time without a zone in that of each location.
            if told is not None and "${" not in told and datetime.fromisoformat(told).tzinfo is None:
                raise ValueError(f"{name} needs a zone: 2026-01-01T00:00:00+08:00")
            if told is not None and not self.is_series:
                raise ValueError(f"{self.resource} has no {name}")
        return self


def _parameters_of(resource: str, *, series: bool) -> tuple[set[str], set[str]]:
    """What must be given (one of them), and what may be."""
    if series:
        return {"sensors", "locations"}, {"sensors", "locations", "parameters"}
    if resource == "latest":
        return {"locations", "parameters"}, {"locations", "parameters"}
    needs = {"locations"} if resource == "sensors" else set[str]()
    return needs, needs
