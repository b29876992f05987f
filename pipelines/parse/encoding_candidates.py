"""The encodings that are considered when none was declared, and how likely they are in a language."""

from __future__ import annotations

from functools import cache

from citylake.schemas.model.contract import Contract

_LANGUAGES = {
    "zh": ("gb18030",),
    "zh-hant": ("big5hkscs",),
    "ja": ("cp932", "euc_jis_2004"),
    "ko": ("cp949",),
    "western": ("cp1252",),
    "central": ("cp1250", "iso8859-2"),
    "cyrillic": ("cp1251", "koi8-r", "koi8-u", "cp866", "iso8859-5"),
    "el": ("cp1253", "iso8859-7"),
    "tr": ("cp1254",),
    "he": ("cp1255",),
    "ar": ("cp1256",),
    "baltic": ("cp1257",),
    "vi": ("cp1258",),
    "th": ("cp874",),
}
"""Encodings by language or group of languages."""
CANDIDATES = tuple(name for names in _LANGUAGES.values() for name in names)
MULTI_BYTE = ("gb18030", "big5hkscs", "cp932", "euc_jis_2004", "cp949")
_LOCAL_WEIGHT = 5.0
"""How much likelier an encoding of the contract's locale is than another one with the same score."""
_RARE = {"cp1258": 0.2, "cp866": 0.5, "koi8-u": 0.5, "iso8859-5": 0.5, "iso8859-2": 0.9, "iso8859-7": 0.9}
_GROUPS = {
    "western": "da de en es fi fr ga is it nl no nb nn pt sv ca eu gl",
    "central": "pl cs sk hu ro hr sl sq bs",
    "cyrillic": "ru uk be bg mk sr kk ky",
    "baltic": "et lv lt",
    "tr": "tr az",
    "ar": "ar fa ur",
}
_COUNTRIES = {
    "zh": "CN SG",
    "zh-hant": "TW HK MO",
    "ja": "JP",
    "ko": "KR KP",
    "western": "GB IE FR DE AT CH BE NL LU ES PT IT DK NO SE FI IS US CA MX BR AR CL CO PE AU NZ",
    "central": "PL CZ SK HU RO HR SI AL BA",
    "cyrillic": "RU UA BY BG MK RS KZ KG",
    "el": "GR CY",
    "tr": "TR",
    "he": "IL",
    "ar": "EG SA AE IQ IR JO KW MA QA SY",
    "baltic": "EE LV LT",
    "vi": "VN",
    "th": "TH",
}


def contract_locale(contract: Contract) -> str:
    """The locale of the contract's source, otherwise its first time zone; empty if it states neither."""
    if contract.source.locale:
        return contract.source.locale
    zones = [contract.zone, *(binding.zone for binding in contract.fields.values())]
    if contract.schedule and "timezone" in contract.schedule.model_fields_set:
        zones.append(contract.schedule.timezone)
    return next((zone for zone in zones if isinstance(zone, str) and zone), "")


def encoding_weights(locale: str) -> dict[str, float]:
    """The weight of each candidate; ``locale`` is a language tag (``zh-CN``), a time zone, or empty."""
    local = _LANGUAGES.get(_language_of(locale), ())
    return {name: _RARE.get(name, 1.0) * (_LOCAL_WEIGHT if name in local else 1.0) for name in CANDIDATES}


def local_multi_byte(locale: str) -> tuple[str, ...]:
    """The multi-byte encodings of the locale's language; none without a locale, or in another language."""
    return tuple(name for name in _LANGUAGES.get(_language_of(locale), ()) if name in MULTI_BYTE)


@cache
def _language_of(locale: str) -> str:
    """The language or group of languages; empty if it is not known."""
    if "/" in locale:
        return _find_group(_COUNTRIES, _zone_country(locale))
    language, _, rest = locale.replace("_", "-").partition("-")
    if language.lower() == "zh" and rest.upper().split("-")[0] in ("TW", "HK", "MO", "HANT"):
        return "zh-hant"
    return language.lower() if language.lower() in _LANGUAGES else _find_group(_GROUPS, language.lower())


def _zone_country(zone: str) -> str:
    from pytz import country_timezones

    return next((country for country, zones in country_timezones.items() if zone in zones), "")


def _find_group(groups: dict[str, str], word: str) -> str:
    return next((group for group, words in groups.items() if word and word in words.split()), "")
