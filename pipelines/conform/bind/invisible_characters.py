"""Zero-width characters, control characters and odd spaces in texts, and the Unicode normal form of a text."""

from __future__ import annotations

from itertools import chain

import polars as pl

from citylake.pipelines.conform.bind.elementwise import map_elementwise

CodePoints = tuple[tuple[int, int], ...]
_LINE_SPACES: CodePoints = ((0x09, 0x0A), (0x0D, 0x0D))
_ODD_SPACES: CodePoints = (
    (0x0B, 0x0C), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
    (0x202F, 0x202F), (0x205F, 0x205F),
)  # fmt: skip
_CONTROLS: CodePoints = ((0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F))
_NO_WIDTH: CodePoints = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180E, 0x180E),
    (0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F),
)  # fmt: skip
_JOINERS: CodePoints = ((0x200C, 0x200D),)
# Scripts in which a joiner changes the letters beside it, and emoji, which are joined to one sign.
_JOINED = (
    r"\p{Arabic}\p{Syriac}\p{Nko}\p{Mongolian}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}"
    r"\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}\p{Tibetan}"
    r"\p{Extended_Pictographic}\x{fe0f}\x{1f3fb}-\x{1f3ff}"
)


def _class_items(*ranges: CodePoints) -> str:
    """The inside of a regular expression's character class."""
    return "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in chain(*ranges))


_NEEDLESS_JOINER = rf"(^|[^{_JOINED}{_class_items(_JOINERS)}])[{_class_items(_JOINERS)}]+"
_LAST_JOINER = f"[{_class_items(_JOINERS)}]+$"
_IN_TEXTS = f"[{_class_items(_ODD_SPACES, _CONTROLS, _NO_WIDTH)}]|{_NEEDLESS_JOINER}|{_LAST_JOINER}"
_IN_IDENTIFIERS = f"[{_class_items(_LINE_SPACES)}]|{_IN_TEXTS}"
_TO_SPACE = f"[{_class_items(_LINE_SPACES, _ODD_SPACES)}]"
_TO_NOTHING = f"[{_class_items(_CONTROLS, _NO_WIDTH)}]"
_REPLACED = f"[{_class_items(_LINE_SPACES, _ODD_SPACES, _CONTROLS, _NO_WIDTH, _JOINERS)}]"
"""Any character that is replaced or removed, at least in some places."""
_ASCII_CONTROLS = r"[\x00-\x1f\x7f]"
_ESCAPES = {
    chr(code): f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    for first, last in chain(_LINE_SPACES, _ODD_SPACES, _CONTROLS, _NO_WIDTH, _JOINERS)
    for code in range(first, last + 1)
}


def visible_text(text: pl.Expr, *, remove: bool) -> pl.Expr:
    """Text in NFC; with ``remove`` without invisible characters, and with plain spaces for the other spaces."""
    return map_elementwise(text, lambda values: _visible_values(values, remove=remove), pl.String)


def has_invisible(text: pl.Expr, *, identifier: bool) -> pl.Expr:
    """Whether a text has invisible characters between its surrounding white space; line ends only in identifiers."""

    def work(values: pl.Series) -> pl.Series:
        if is_ascii(values) and not values.str.contains(_ASCII_CONTROLS).any():
            return pl.repeat(value=False, n=len(values), dtype=pl.Boolean, eager=True).alias(values.name)
        found = values.str.strip_chars().str.contains(_IN_IDENTIFIERS if identifier else _IN_TEXTS)
        return found.fill_null(value=False)

    return map_elementwise(text, work, pl.Boolean)


def escape_invisible(text: pl.Expr) -> pl.Expr:
    r"""The text with invisible characters as ``\u200b``, to be shown to people."""
    return text.str.replace_many(_ESCAPES)


def is_ascii(values: pl.Series) -> bool:
    """Whether every text is ASCII: then every character is one byte."""
    return bool(values.str.len_bytes().sum() == values.str.len_chars().sum())


def _visible_values(values: pl.Series, *, remove: bool) -> pl.Series:
    if is_ascii(values):
        has_controls = remove and values.str.contains(_ASCII_CONTROLS).any()
        return _without_invisible(values) if has_controls else values
    normal = values.str.normalize("NFC")
    return _without_invisible(normal) if remove else normal


def _without_invisible(values: pl.Series) -> pl.Series:
    # One look for all of them: most texts have none.
    if not values.str.contains(_REPLACED).any():
        return values
    plain = values.str.replace_all(_TO_SPACE, " ").str.replace_all(_TO_NOTHING, "")
    return plain.str.replace_all(_NEEDLESS_JOINER, "${1}").str.replace_all(_LAST_JOINER, "")
