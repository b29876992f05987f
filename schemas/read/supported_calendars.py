"""Which calendars of working days the installed libraries have."""

from __future__ import annotations

from citylake.schemas.base.fuzzy_match import nearest_words


def unsupported_calendar(code: str) -> dict[str, object] | None:
    """Return the values of CALENDAR_UNSUPPORTED if no library has the calendar ``code``, else None."""
    # Not on the path of DAG files or of `--help`: the library takes a tenth of a second.
    from holidays import list_supported_countries

    country, _, part = code.partition("-")
    known = list_supported_countries()
    if country in known and (not part or part in known[country]):
        return None
    names = [f"{country}-{each}" for each in known[country]] if country in known else list(known)
    return {"calendar": code, "suggestion": ", ".join(nearest_words(code, names)) or "CN, US-IL"}
