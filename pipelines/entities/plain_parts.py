"""Names, addresses and telephones of records in one spelling, so that they can be compared.

Columns made of ``name``, ``address``, ``phone`` and ``place``: ``words`` (list: words of an English name, pairs of
characters of a Chinese one), ``label`` (the words joined), ``house`` (number), ``street`` (text), ``ways`` (list: the
words of the street), ``dial`` (the digits of the local number) and ``area``. Null where a part is not there.
"""

from __future__ import annotations

import polars as pl

from citylake.pipelines.address.address_columns import address_parts
from citylake.schemas.model.entity import SimilarityLinks

_STREET_WORDS = (
    "street", "st", "avenue", "ave", "av", "boulevard", "blvd", "road", "rd", "place", "pl", "court", "ct", "drive",
    "dr", "parkway", "pkwy", "pky", "lane", "ln", "terrace", "ter", "square", "sq", "highway", "hwy", "plaza", "plz",
    "circle", "cir", "way", "saint", "n", "s", "e", "w",
    "north", "south", "east", "west",
)  # fmt: skip
"""Words that are written in many ways, or left out. ``st`` is both street and saint: it tells nothing."""
_UNIT = r" (suite|ste|apt|apartment|unit|floor|fl|room|rm|building|bldg|site|box|\d+(st|nd|rd|th) floor)\b.*$"
_SMALL_WORDS = ("the", "of", "and", "at", "for", "in", "a", "inc", "llc", "ltd", "co", "corp", "no")
_COMPANY = r"(有限责任公司|股份有限公司|集团有限公司|有限公司|股份公司|集团公司|集团|公司)$"
_LOCAL_DIGITS = {"en": 7, "zh": 8}


def plain_parts(settings: SimilarityLinks) -> list[pl.Expr]:
    """Return the expressions of the comparable parts, over the String columns of a record."""
    name = _plain("name", settings)
    made = (
        _english(name, _plain("address", settings), settings) if settings.language == "en" else _chinese(name, settings)
    )
    digits = pl.col("phone").str.normalize("NFKC").str.replace_all(r"\D", "")
    dial = digits.str.slice(-_LOCAL_DIGITS[settings.language])
    area = pl.col("place").str.strip_chars().str.replace(r"\.0$", "")
    return [
        made["words"].alias("words"),
        _filled(made["words"].list.join(" ")).alias("label"),
        _filled(made["house"]).alias("house"),
        made["ways"].alias("ways"),
        _filled(made["ways"].list.join(" ")).alias("street"),
        pl.when(digits.str.len_chars() >= _LOCAL_DIGITS[settings.language]).then(dial).alias("dial"),
        _filled(area).alias("area"),
    ]


def _filled(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)


def _plain(column: str, settings: SimilarityLinks) -> pl.Expr:
    text = pl.col(column).str.normalize("NFKC").str.to_lowercase()
    if settings.language == "zh":
        return text.map_batches(_simplified, return_dtype=pl.String, is_elementwise=True)
    # Some encodings lose the apostrophe to a question mark.
    return text.str.replace_all(r"(\w)['’`?](\w)", "$1$2")


def _english(name: pl.Expr, address: pl.Expr, settings: SimilarityLinks) -> dict[str, pl.Expr]:
    noise = [*_SMALL_WORDS, *(word.lower() for word in settings.noise)]
    words = name.str.replace_all(r"[^\w]+", " ").str.strip_chars().str.split(" ")
    # What follows a comma or a line break is a room or a city; before the line with the number, there may be a name.
    first = address.str.strip_chars().str.replace(r"(?s)[\n\r,;(].*$", "")
    line = pl.coalesce(address.str.extract(r"(?m)^\s*(\d+[^\n\r,;(]*)"), first)
    house = line.str.extract(r"^(\d+)")
    way = line.str.replace(r"^\d+\s*([-–]\s*\d+)?", " ").str.replace_all(r"[^\w]+", " ")
    way = way.str.replace(_UNIT, "").str.replace_all(r"\b(\d+) ?(st|nd|rd|th)\w?\b", "$1")
    # A number after the words of a street is that of a room.
    way = way.str.replace(r"^(.*[a-z]{3,}.*) \d+\s*$", "$1")
    every = way.str.strip_chars().str.split(" ")
    return {"words": _without(words, noise), "house": house, "ways": _without(every, _STREET_WORDS)}


def _without(words: pl.Expr, left_out: list[str] | tuple[str, ...]) -> pl.Expr:
    """The words but those; all of them if nothing else remains."""
    kept = words.list.filter(~pl.element().is_in(list(left_out)) & (pl.element() != ""))
    every = words.list.filter(pl.element() != "")
    return pl.when(kept.list.len() > 0).then(kept.list.unique(maintain_order=True)).otherwise(every)


def _chinese(name: pl.Expr, settings: SimilarityLinks) -> dict[str, pl.Expr]:
    bare = name.str.replace_all(r"[\s()\[\]（）【】·.,，。、-]", "").str.replace(_COMPANY, "")
    for word in settings.noise:
        bare = bare.str.replace_all(word, "", literal=True)
    parts = address_parts(pl.col("address"))
    road = parts.struct.field("road").fill_null(parts.struct.field("estate")).fill_null("")
    house = parts.struct.field("number")
    return {"words": _pairs(bare), "house": house, "ways": pl.concat_list(road)}


def _pairs(text: pl.Expr) -> pl.Expr:
    """Pairs of neighbouring characters, each once: what words are in a language without spaces."""
    characters = text.str.split("")
    return (
        pl.when(text.str.len_chars() > 1)
        .then(characters.list.eval(pl.element() + pl.element().shift(-1)).list.drop_nulls())
        .otherwise(characters)
        .list.unique(maintain_order=True)
    )


def _simplified(texts: pl.Series) -> pl.Series:
    """Traditional characters as simplified ones, each by itself: names have no context that would decide."""
    from opencc import OpenCC

    characters = texts.str.split("").explode().unique().drop_nulls()
    converter = OpenCC("t2s")
    changed = {each: new for each in characters if (new := converter.convert(each)) != each}
    return texts.str.replace_many(changed) if changed else texts
