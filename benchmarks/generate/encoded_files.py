"""City files in many encodings, of words that no threshold of the reader was chosen by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import yaml

ENCODINGS = (
    *("utf-8", "utf-16", "gb18030", "big5", "cp932", "euc_jp", "cp949"),
    *("cp1252", "iso8859-15", "cp1250", "cp1251", "koi8-r"),
)
_ENGLISH = "name,street,office,state"
ROWS = (0, 1, 2, 3, 5, 8, 13, 20, 30)


@dataclass(frozen=True, slots=True)
class CityScript:
    """A way of writing: its locales, the headings of a file, and words of its cells."""

    locales: tuple[str, ...]
    headings: str
    words: tuple[str, ...]
    native: tuple[str, ...]
    """Encodings that are made for it."""


def _load_scripts() -> dict[str, CityScript]:
    declared = yaml.safe_load(Path(__file__).with_name("encoded_words.yaml").read_text("utf-8"))
    return {
        name: CityScript(tuple(each["locales"]), each["headings"], tuple(each["words"].split()), tuple(each["native"]))
        for name, each in declared.items()
    }


SCRIPTS = _load_scripts()


@dataclass(frozen=True, slots=True)
class EncodedCity:
    """One file. ``text`` is the truth."""

    script: str
    locale: str
    encoding: str
    native: bool
    """Whether the encoding is made for the script; others have its letters, too."""
    text: str

    @property
    def body(self) -> bytes:
        """The bytes of the file."""
        return self.text.encode(self.encoding)


def encoded_city_files(repeats: int, seed: int = 1) -> Iterator[EncodedCity]:
    """``repeats`` files of every script and length in each encoding that has their characters.

    Every second one has headings in English. Texts of ASCII alone are left out.
    """
    random = Random(seed)
    for name, script in SCRIPTS.items():
        for encoding in ENCODINGS:
            words = [word for word in script.words if _has_characters(encoding, word)]
            if len(words) * 2 < len(script.words):
                continue
            for rows in ROWS:
                for repeat in range(repeats):
                    own = repeat % 2 == 0 and _has_characters(encoding, script.headings)
                    text = _city_text(script.headings if own else _ENGLISH, words, rows, random)
                    locale = script.locales[repeat % len(script.locales)]
                    if not text.isascii():
                        yield EncodedCity(name, locale, encoding, encoding in script.native, text)


def _has_characters(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _city_text(headings: str, words: Sequence[str], rows: int, random: Random) -> str:
    lines = [headings]
    for number in range(rows):
        cells = [random.choice(words) for _ in range(3)]
        lines.append(",".join([f"{cells[0]}{number + 1}", *cells[1:], f"{random.random() * 100:.1f}"]))
    return "\n".join(lines) + "\n"
