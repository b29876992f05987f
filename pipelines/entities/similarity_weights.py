"""How much an agreement of two records says: the share of pairs of one entity (m) and of two entities (u) that show it.

They are citylake's own values (docs/decisions/0049-entities.md), not estimated from a lake's data: a threshold then
means the same in every city, and one new row does not change the links of others.
"""

from __future__ import annotations

from dataclasses import dataclass

from citylake.schemas.model.element import EntityKind

PRIOR = 0.0005
"""The share of all pairs that is one entity."""


@dataclass(frozen=True, slots=True)
class AgreementLevel:
    """A level of agreement of one part: its word, the condition in SQL (empty: everything else), m and u."""

    word: str
    condition: str
    m: float
    u: float


PART_COLUMNS = {"address": ("house", "street"), "phone": ("dial",), "name": ("label",), "place": ("area",)}
"""The columns without which a part says nothing."""
_CONDITIONS = {
    "address": {
        "same": "house_l = house_r AND street_l = street_r",
        "near": "house_l = house_r AND near_street(street_l, street_r, ways_l, ways_r)",
        "partly": "street_l = street_r AND near_house(house_l, house_r)",
        "street": "street_l = street_r",
        "other": "",
    },
    "phone": {
        "same": "dial_l = dial_r",
        "near": "damerau_levenshtein(dial_l, dial_r) <= 1 OR left(dial_l, -2) = left(dial_r, -2)",
        "other": "",
    },
    "name": {
        "same": "label_l = label_r",
        "near": "shared_words(words_l, words_r, weights_l, weight_l, weight_r) >= 0.8",
        "partly": "shared_words(words_l, words_r, weights_l, weight_l, weight_r) >= 0.4",
        "other": "",
    },
    "place": {"same": "area_l = area_r", "other": ""},
}
_LONG_NAMES = {
    # A register gives no name twice, but short forms of names are shared by many. Who hears a name may write another
    # character, and each one breaks two of the pairs of characters that are a Chinese name's words.
    "name": _CONDITIONS["name"]
    | {
        "same": "label_l = label_r AND len(words_l) >= 3",
        "near": f"{_CONDITIONS['name']['near']} OR one_character(label_l, label_r)",
    }
}
Shares = dict[str, list[tuple[float, float]]]
_AT_PLACES: Shares = {
    # A site is where it is: the same house number decides nearly alone, and another address speaks against everything.
    "address": [(0.86, 5e-7), (0.12, 5e-6), (0.008, 2e-4), (0.009, 4e-3), (0.003, 0.9957)],
    "phone": [(0.75, 0.002), (0.08, 0.002), (0.17, 0.996)],
    "name": [(0.35, 0.0005), (0.35, 0.003), (0.15, 0.03), (0.15, 0.9665)],
    "place": [(0.95, 0.03), (0.05, 0.97)],
}
_OF_ENTERPRISES: Shares = {
    # Many enterprises are in one house and some move; names are registered and rarely shared.
    "address": [(0.55, 0.002), (0.10, 0.002), (0.05, 0.002), (0.10, 0.01), (0.20, 0.984)],
    "phone": [(0.50, 0.001), (0.10, 0.002), (0.40, 0.997)],
    "name": [(0.60, 0.000005), (0.30, 0.001), (0.07, 0.02), (0.03, 0.979)],
    "place": [(0.90, 0.08), (0.10, 0.92)],
}


def agreement_levels(kind: EntityKind) -> dict[str, list[AgreementLevel]]:
    """The levels of each part for entities of a kind, the strongest first."""
    of_enterprises = kind == "enterprise"
    conditions = _CONDITIONS | (_LONG_NAMES if of_enterprises else {})
    shares = _OF_ENTERPRISES if of_enterprises else _AT_PLACES
    return {
        part: [
            AgreementLevel(word, condition, *share)
            for (word, condition), share in zip(levels.items(), shares[part], strict=True)
        ]
        for part, levels in conditions.items()
    }
